"""Tree ensembles of LightGBM, XGBoost and scikit-learn in one packed form, walked by a small native kernel or by numpy.

Packing (`pack`) needs the library that trained the model; walking (`Forest`) needs numpy and nothing else, and gives
the library's own bits.
"""
