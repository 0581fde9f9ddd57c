// SatchelMerge
