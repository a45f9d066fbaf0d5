#!/bin/sh
# Fills fuzz/corpus/gguf with the headers of real files: the first 32 KiB of each. A header that is longer is cut, which
# is a case of its own; the small test models are there whole. fuzz/corpus/tokenizer_vocab gets the small vocabularies
# whole, and fuzz/corpus/tokenizer_text their texts. fuzz/corpus/chat_template gets real templates, fuzz/corpus/chat_output
# the answers of the tests.
set -eu
cd "$(dirname "$0")"
shared=${1:-../../shared/data}
corpus=corpus/gguf
mkdir -p "$corpus"

n=0
for file in \
    "$shared"/models/stories260K/*.gguf \
    "$shared"/models/stories15M/*-q4_0.gguf \
    "$shared"/models/*/*-q8_0.gguf \
    "$shared"/arch/llama-*.gguf "$shared"/arch/gemma3n.gguf "$shared"/arch/qwen3moe.gguf "$shared"/arch/rwkv7.gguf \
    "$shared"/quants/llama256-Q4_K.gguf "$shared"/quants/llama256-IQ2_XXS.gguf "$shared"/quants/mix/*.gguf \
    "$shared"/tokenizers/pre/*.gguf
do
    [ -f "$file" ] || continue
    head -c 32768 "$file" > "$corpus/$(basename "$file" .gguf)"
    n=$((n + 1))
done
echo "seeded $corpus with $n headers"
[ "$n" -ge 10 ] || { echo "expected at least 10 files under $shared" >&2; exit 1; }

mkdir -p corpus/tokenizer_vocab corpus/tokenizer_text corpus/tokenizer_ids
for file in "$shared"/tokenizers/pre/*.gguf ../crates/tokenizer/tests/golden/*.gguf
do
    # The longest one is a table of characters for the most part.
    [ "$(wc -c < "$file")" -gt 40000 ] || cp -f "$file" corpus/tokenizer_vocab/
done
n=0
grep -ho '"text":"[^"]*"' "$shared"/tokenizers/pre/bpe-qwen2.json ../crates/tokenizer/tests/golden/bpe-user.json |
while read -r line
do
    n=$((n + 1))
    { printf "\\$(printf %o $((n % 256)))\\$(printf %o $((n % 4)))"; printf %s "${line#*:}"; } > "corpus/tokenizer_text/$n"
done
echo "seeded corpus/tokenizer_* with $(ls corpus/tokenizer_vocab | wc -l) vocabularies, $(ls corpus/tokenizer_text | wc -l) texts"

mkdir -p corpus/chat_template corpus/chat_output
cp -f "$shared"/templates/llama.cpp/*.jinja corpus/chat_template/
cp -f ../crates/chat/tests/outputs/*.json corpus/chat_output/
echo "seeded corpus/chat_* with $(ls corpus/chat_template | wc -l) templates, $(ls corpus/chat_output | wc -l) sets of answers"
