"""SASRec beside a public implementation of it: the same cut, the same measures."""
