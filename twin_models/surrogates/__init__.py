"""Learned predictors at run time: NumPy, Numba and ONNX Runtime only."""
