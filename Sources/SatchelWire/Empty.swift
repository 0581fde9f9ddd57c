// SatchelWire
