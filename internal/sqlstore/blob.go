package sqlstore

// Blob is b as drivers store it: nil would be NULL.
func Blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
