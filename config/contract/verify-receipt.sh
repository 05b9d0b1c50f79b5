#!/bin/sh
# Checks the redaction receipts of a Hedgerow gateway with nothing of Hedgerow: sh, sed and openssl 3.
#
#   curl http://GATEWAY:8080/api/v1/receipts > receipts.json
#   sh verify-receipt.sh 'KEY' receipts.json                           # each signature, and that each follows the one before
#   sh verify-receipt.sh 'KEY' receipts.json picture.jpg               # and that one of them is this picture's
#   sh verify-receipt.sh 'KEY' receipts.json picture.jpg policy.yaml   # and that it was made under this policy
#
# KEY is the gateway's public key as the association tells it, not as the gateway's page says it; after a change of keys all of
# them, with spaces between. Ends with 0 if all holds, with 1 if anything does not, with 2 if it could not look.
set -u
export LC_ALL=C
keys=${1-} receipts=${2-} picture=${3-} policy=${4-}
[ -n "$keys" ] && [ -r "$receipts" ] || { echo "usage: verify-receipt.sh KEY receipts.json [picture.jpg [policy.yaml]]" >&2; exit 2; }
for file in "$picture" "$policy"; do
  [ -z "$file" ] || [ -r "$file" ] || { echo "cannot read $file" >&2; exit 2; }
done
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

digest() { openssl dgst -sha256 -r "$@" | sed 's/[^0-9a-f].*//'; }
field() { printf '%s' "$1" | sed -n "s/.*\"$2\":\"\\([^\"]*\\)\".*/\\1/p"; }
fault() { echo "NO: $*"; failed=1; }

# A receipt a line, the newest first, as the gateway gives them.
sed 's/{"version":1,"image":/\
&/g' "$receipts" | sed -n '/^{"version":1,"image":/p' > "$work/each"
sed -n 's/^\({"version":1,"image":.*"signature":"[A-Za-z0-9+\/=]*"}\).*/\1/p' "$work/each" > "$work/all"
[ -s "$work/all" ] || { echo "there is no receipt in $receipts" >&2; exit 2; }
[ -z "$picture" ] || image=$(digest "$picture")
[ -z "$policy" ] || agreed=$(digest "$policy")

failed=0 number=0 expected='' found=''
# A last line without a line end is a line, too.
while IFS= read -r receipt || [ -n "$receipt" ]; do
  number=$((number + 1))
  signature=$(field "$receipt" signature) keyid=$(field "$receipt" keyId)
  # What is signed is the receipt without its signature, to the byte.
  printf '%s' "$receipt" | sed 's/,"signature":"[^"]*"}$/}/' > "$work/signed"
  printf '%s' "$signature" | openssl base64 -d -A > "$work/signature"

  is_signed=no
  for key in $keys; do
    printf '%s' "$key" | openssl base64 -d -A > "$work/raw"
    [ "$(digest "$work/raw" | sed 's/^\(.\{16\}\).*/\1/')" = "$keyid" ] || continue
    # Twelve bytes that make 32 bytes an ed25519 public key in DER (RFC 8410, section 4).
    { printf '\060\052\060\005\006\003\053\145\160\003\041\000'; cat "$work/raw"; } > "$work/key"
    openssl pkeyutl -verify -pubin -keyform DER -inkey "$work/key" -rawin -in "$work/signed" -sigfile "$work/signature" \
      > /dev/null 2>&1 && is_signed=yes
  done
  [ $is_signed = yes ] || fault "receipt $number from the newest was changed, or signed with another key"

  # The receipt after it, which came first here, names this one: its signed bytes, and its signature as text.
  printf '%s' "$signature" | cat "$work/signed" - > "$work/link"
  [ -z "$expected" ] || [ "$expected" = "$(digest "$work/link")" ] ||
    fault "the receipt after it does not follow receipt $number from the newest"
  expected=$(field "$receipt" previous)

  [ -n "$picture" ] && [ "$(field "$receipt" image)" != "$image" ] && continue
  [ -n "$found" ] || found=$receipt
done < "$work/all"

[ $number = "$(sed -n '$=' "$work/each")" ] || fault "something in $receipts looks like a receipt and is none"
if [ -n "$picture" ] && [ -z "$found" ]; then
  fault "none of these receipts is of the picture $picture ($image)"
elif [ -n "$policy" ] && [ "$(field "$found" policy)" != "$agreed" ]; then
  fault "the receipt names another policy, $(field "$found" policy); $policy is $agreed"
fi
[ $failed = 0 ] || exit 1
echo "YES: $number receipts are signed with this key, and each follows the one before."
[ -z "$picture" ] || echo "YES: $picture is the picture of one of them."
[ -z "$policy" ] || echo "YES: it was made under $policy."
