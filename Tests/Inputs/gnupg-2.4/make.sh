set -e
cd /w
export GNUPGHOME=/w/home
rm -rf home; mkdir -m700 home
g() { gpg --faked-system-time 20250101T000000 --batch --quiet --pinentry-mode loopback --passphrase '' "$@"; }
for k in ed25519 nistp256 rsa3072 default; do
  rm -rf $k; mkdir $k
  a=$k; [ $k = nistp256 ] && a=nistp256/ecdsa
  if [ $k = default ]; then
    g --quick-generate-key "Zoë $k <z@example.org>" default default never
  else
    g --quick-generate-key "Zoë $k <z@example.org>" $k cert never
    f=$(gpg --with-colons --faked-system-time 20250101T000000 --list-keys "Zoë $k" | awk -F: '/^fpr/ {print $10; exit}')
    g --quick-add-key $f $a sign never
  fi
  g --armor --export "Zoë $k" > $k/cert.asc
  g --armor --local-user "Zoë $k" --output $k/text.asc --detach-sign text
done
gpgconf --kill all
