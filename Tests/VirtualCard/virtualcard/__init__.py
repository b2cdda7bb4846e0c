"""An OpenPGP card 3.4 in software, and the GnuPG homes that hold it. See ../README.md."""
