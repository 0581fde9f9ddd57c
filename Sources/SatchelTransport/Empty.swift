// SatchelTransport
