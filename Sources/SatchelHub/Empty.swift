// SatchelHub
