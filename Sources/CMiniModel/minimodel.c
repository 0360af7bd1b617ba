#include "cminimodel.h"

// #embed is C23's; the package is built as the compiler's default C.
#pragma clang diagnostic ignored "-Wc23-extensions"

_Alignas(64) static const unsigned char gguf[] = {
#embed "mini-q8_0.gguf"
};

const unsigned char *mini_model_bytes(void) { return gguf; }
size_t mini_model_byte_count(void) { return sizeof gguf; }
