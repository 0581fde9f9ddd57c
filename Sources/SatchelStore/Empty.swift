// SatchelStore
