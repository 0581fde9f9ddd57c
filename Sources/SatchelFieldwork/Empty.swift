// SatchelFieldwork
