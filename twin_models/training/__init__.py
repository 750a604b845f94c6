"""Making the learned predictor: schemes, truth, training, promotion. Never imported by the app."""
