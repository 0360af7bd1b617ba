// Writes llama.cpp's logits for given token ids: float32 [positions, vocabulary], as `lathe logits --full` does.
//
//     logits MODEL.gguf THREADS REPACK(0|1) FLASH(0|1) OUT.f32 < IDS        ids are numbers between spaces
//
// accuracy.py tells how to build it.
#include "llama.h"

#include <cstdio>
#include <cstdlib>
#include <vector>

static int fail(const char *what) {
  std::fprintf(stderr, "logits: %s\n", what);
  return 1;
}

int main(int count, char **words) {
  if (count != 6) return fail("usage: logits MODEL.gguf THREADS REPACK FLASH OUT.f32 < IDS");
  std::vector<llama_token> ids;
  for (int id; std::scanf("%d", &id) == 1;) ids.push_back(id);
  if (ids.empty()) return fail("no ids on standard input");
  llama_log_set([](ggml_log_level, const char *, void *) {}, nullptr);
  llama_backend_init();

  llama_model_params how = llama_model_default_params();
  how.n_gpu_layers = 0;
  how.use_extra_bufts = std::atoi(words[3]) != 0;
  llama_model *model = llama_model_load_from_file(words[1], how);
  if (!model) return fail("cannot load the model");

  llama_context_params where = llama_context_default_params();
  where.n_ctx = where.n_batch = where.n_ubatch = static_cast<uint32_t>((ids.size() + 255) / 256 * 256);
  where.n_threads = where.n_threads_batch = std::atoi(words[2]);
  where.flash_attn_type = std::atoi(words[4]) ? LLAMA_FLASH_ATTN_TYPE_ENABLED : LLAMA_FLASH_ATTN_TYPE_DISABLED;
  llama_context *context = llama_init_from_model(model, where);
  if (!context) return fail("cannot make a context");

  llama_batch batch = llama_batch_init(static_cast<int32_t>(ids.size()), 0, 1);
  for (size_t i = 0; i < ids.size(); i++) {
    batch.token[i] = ids[i];
    batch.pos[i] = static_cast<llama_pos>(i);
    batch.n_seq_id[i] = 1;
    batch.seq_id[i][0] = 0;
    batch.logits[i] = true;
  }
  batch.n_tokens = static_cast<int32_t>(ids.size());
  if (llama_decode(context, batch) != 0) return fail("cannot compute the ids");

  const size_t width = llama_vocab_n_tokens(llama_model_get_vocab(model));
  std::FILE *out = std::fopen(words[5], "wb");
  if (!out) return fail("cannot write the logits");
  for (size_t i = 0; i < ids.size(); i++) {
    if (std::fwrite(llama_get_logits_ith(context, static_cast<int32_t>(i)), sizeof(float), width, out) != width)
      return fail("cannot write the logits");
  }
  if (std::fclose(out) != 0) return fail("cannot write the logits");
  llama_batch_free(batch);
  llama_free(context);
  llama_model_free(model);
  return 0;
}
