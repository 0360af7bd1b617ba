#ifndef CMINIMODEL_H
#define CMINIMODEL_H
#include <stddef.h>

/// The miniature Qwen3 as a GGUF file in memory (Q8_0), aligned to 64 bytes. Lives as long as the program.
const unsigned char *mini_model_bytes(void);
size_t mini_model_byte_count(void);

#endif
