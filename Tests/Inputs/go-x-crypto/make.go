package main

import (
	"bytes"
	"crypto"
	_ "crypto/sha512"
	"os"
	"time"

	"golang.org/x/crypto/openpgp"
	"golang.org/x/crypto/openpgp/armor"
	"golang.org/x/crypto/openpgp/packet"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// Before every machine's clock.
func then() time.Time { return time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC) }

func main() {
	config := &packet.Config{Time: then, DefaultHash: crypto.SHA512, RSABits: 3072}
	e, err := openpgp.NewEntity("Zoë", "made by golang.org/x/crypto/openpgp", "z@example.org", config)
	check(err)
	text, err := os.ReadFile("text")
	check(err)
	// SerializePrivate makes the self-signatures.
	check(e.SerializePrivate(bytes.NewBuffer(nil), config))
	out, _ := os.Create("cert.asc")
	w, err := armor.Encode(out, openpgp.PublicKeyType, nil)
	check(err)
	check(e.Serialize(w))
	w.Close()
	out.Write([]byte("\n"))
	for i := 0; i < 6; i++ {
		f, _ := os.Create("text-" + string(rune('a'+i)) + ".asc")
		check(openpgp.ArmoredDetachSign(f, e, bytes.NewReader(text), config))
		f.Write([]byte("\n"))
		f.Close()
	}
}
