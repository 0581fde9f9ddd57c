// Satchel
