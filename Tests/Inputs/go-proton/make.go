package main

import (
	"bytes"
	"crypto"
	_ "crypto/sha512"
	"os"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// Before every machine's clock.
func then() time.Time { return time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC) }

func main() {
	kinds := map[string]*packet.Config{
		"eddsa": {Time: then, DefaultHash: crypto.SHA512, Algorithm: packet.PubKeyAlgoEdDSA},
		"p256":  {Time: then, DefaultHash: crypto.SHA256, Algorithm: packet.PubKeyAlgoECDSA, Curve: packet.CurveNistP256},
		"p521":  {Time: then, DefaultHash: crypto.SHA512, Algorithm: packet.PubKeyAlgoECDSA, Curve: packet.CurveNistP521},
		"rsa":   {Time: then, DefaultHash: crypto.SHA512, Algorithm: packet.PubKeyAlgoRSA, RSABits: 3072},
		"v5":    {Time: then, DefaultHash: crypto.SHA512, Algorithm: packet.PubKeyAlgoEdDSA, V5Keys: true},
	}
	text, err := os.ReadFile("text")
	check(err)
	for name, config := range kinds {
		os.MkdirAll(name, 0o755)
		e, err := openpgp.NewEntity("Zoë", "made by ProtonMail/go-crypto", "z@example.org", config)
		check(err)
		check(e.AddSigningSubkey(config))
		check(e.SerializePrivate(bytes.NewBuffer(nil), config))
		out, _ := os.Create(name + "/cert.asc")
		w, err := armor.Encode(out, openpgp.PublicKeyType, nil)
		check(err)
		check(e.Serialize(w))
		w.Close()
		out.Write([]byte("\n"))
		f, _ := os.Create(name + "/text.asc")
		check(openpgp.ArmoredDetachSign(f, e, bytes.NewReader(text), config))
		f.Write([]byte("\n"))
		f.Close()
	}
}
