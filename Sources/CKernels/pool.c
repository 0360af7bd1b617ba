// Fork–join over threads that spin briefly between runs and then sleep.
//
// Each thread has a range of consecutive tasks, so that what it fetches ahead at the end of one task serves its next. A range
// is one 64-bit word: the run's generation, the first unclaimed task and the end. Its thread claims from the front by a
// compare-and-swap; a thread that has none left claims from the back of another's. A thread that is late sees another
// generation or empty ranges and touches nothing, so the caller waits only for tasks that were claimed, never for a thread
// to wake up.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ckernels.h"

// About 50 microseconds at 4 GHz: longer than the serial work between two stages, shorter than the sampling of a token.
enum { SPINS = 2000 };

enum { TASK_BITS = 20, MOST_TASKS = (1 << TASK_BITS) - 1 };

// generation << 40 | next << 20 | end
typedef struct {
  _Alignas(128) _Atomic uint64_t word;
} k_range;

// Each on its own cache line, since different threads write them; 128 because lines are fetched in pairs.
struct k_pool {
  _Alignas(128) _Atomic int completed;
  _Alignas(128) _Atomic uint32_t epoch;  // futex: changes when there is a run or the end
  _Atomic int sleepers;
  _Atomic bool callerSleeps;
  _Alignas(128) k_task task;  // written by the caller while no task is claimed or claimable
  void *context;
  int firstTask, taskCount;
  uint64_t generation;
  int size;
  _Atomic bool ending;
  int startedThreads;
  pthread_t *threads;
  k_range *ranges;  // [size]
};

typedef struct {
  k_pool *pool;
  int worker;
} k_worker;

static inline void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static void futex_wait(void *word, uint32_t expected) {
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, NULL, NULL, 0);
}

static void futex_wake(void *word, int count) { syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0); }

// Claims and runs tasks until none is left: the thread's own in ascending order, then those of others from their ends.
static void work(k_pool *pool, int worker) {
  for (int i = 0; i < pool->size; i++) {
    _Atomic uint64_t *word = &pool->ranges[(worker + i) % pool->size].word;
    uint64_t range = atomic_load_explicit(word, memory_order_acquire);
    for (;;) {
      int next = (int)(range >> TASK_BITS & MOST_TASKS), end = (int)(range & MOST_TASKS);
      if (next >= end) break;
      uint64_t rest = i == 0 ? range + ((uint64_t)1 << TASK_BITS) : range - 1;
      if (!atomic_compare_exchange_weak_explicit(word, &range, rest, memory_order_acq_rel, memory_order_acquire)) continue;
      // The task is ours, so the run cannot end and its fields stand still until it is counted as completed.
      int taskCount = pool->taskCount;
      pool->task(pool->context, pool->firstTask + (i == 0 ? next : end - 1), worker);
      if (atomic_fetch_add(&pool->completed, 1) + 1 == taskCount && atomic_load(&pool->callerSleeps))
        futex_wake(&pool->completed, 1);
      range = atomic_load_explicit(word, memory_order_acquire);
    }
  }
}

static void *thread_main(void *argument) {
  k_worker me = *(k_worker *)argument;
  free(argument);
  k_pool *pool = me.pool;
  for (;;) {
    // A run that is published after this changes the epoch.
    uint32_t epoch = atomic_load(&pool->epoch);
    if (atomic_load(&pool->ending)) return NULL;
    work(pool, me.worker);
    bool changed = false;
    for (int i = 0; i < SPINS && !changed; i++) {
      relax();
      changed = atomic_load_explicit(&pool->epoch, memory_order_acquire) != epoch;
    }
    if (changed) continue;
    atomic_fetch_add(&pool->sleepers, 1);
    futex_wait(&pool->epoch, epoch);
    atomic_fetch_sub(&pool->sleepers, 1);
  }
}

static int thread_siblings(int cpu, cpu_set_t *siblings) {
  char path[96];
  snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
  FILE *file = fopen(path, "r");
  if (!file) return 0;
  CPU_ZERO(siblings);
  int first, last, count = 0;
  // "0,64" or "0-1"
  while (fscanf(file, "%d", &first) == 1) {
    last = first;
    int separator = fgetc(file);
    if (separator == '-') {
      if (fscanf(file, "%d", &last) != 1) break;
      separator = fgetc(file);
    }
    for (int i = first; i <= last && i < CPU_SETSIZE; i++, count++) CPU_SET(i, siblings);
    if (separator != ',') break;
  }
  fclose(file);
  return count;
}

int k_available_cores(void) {
  cpu_set_t available;
  CPU_ZERO(&available);
  if (sched_getaffinity(0, sizeof available, &available) != 0) {
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (int)online : 1;
  }
  int cores = 0;
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
    if (!CPU_ISSET(cpu, &available)) continue;
    cores++;
    cpu_set_t siblings;
    if (thread_siblings(cpu, &siblings) > 0) {
      CPU_AND(&siblings, &siblings, &available);
      CPU_XOR(&available, &available, &siblings);  // the core counts once
    }
  }
  return cores > 0 ? cores : 1;
}

k_pool *k_pool_create(int size) {
  if (size < 1) size = 1;
  k_pool *pool = aligned_alloc(128, sizeof(k_pool));
  if (!pool) return NULL;
  *pool = (k_pool){.size = size};
  pool->threads = calloc((size_t)size, sizeof(pthread_t));
  pool->ranges = aligned_alloc(128, (size_t)size * sizeof(k_range));
  if (!pool->threads || !pool->ranges) {
    k_pool_destroy(pool);
    return NULL;
  }
  memset(pool->ranges, 0, (size_t)size * sizeof(k_range));
  // Signals are for the threads of the program, not for these.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  bool started = true;
  for (int i = 1; started && i < size; i++) {
    k_worker *worker = malloc(sizeof *worker);
    started = worker != NULL;
    if (!started) break;
    *worker = (k_worker){pool, i};
    pthread_t *thread = &pool->threads[pool->startedThreads];
    started = pthread_create(thread, NULL, thread_main, worker) == 0;
    if (!started) {
      free(worker);
    } else {
      pthread_setname_np(*thread, "kernels");
      pool->startedThreads++;
    }
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (started) return pool;
  k_pool_destroy(pool);
  return NULL;
}

void k_pool_destroy(k_pool *pool) {
  if (!pool) return;
  atomic_store(&pool->ending, true);
  atomic_fetch_add(&pool->epoch, 1);
  futex_wake(&pool->epoch, pool->size);
  for (int i = 0; i < pool->startedThreads; i++) pthread_join(pool->threads[i], NULL);
  free(pool->threads);
  free(pool->ranges);
  free(pool);
}

int k_pool_size(const k_pool *pool) { return pool->size; }

static void run(k_pool *pool, int firstTask, int taskCount) {
  pool->firstTask = firstTask;
  pool->taskCount = taskCount;
  pool->generation++;
  atomic_store_explicit(&pool->completed, 0, memory_order_relaxed);
  for (int i = 0; i < pool->size; i++) {
    uint64_t next = (uint64_t)taskCount * (uint64_t)i / (uint64_t)pool->size;
    uint64_t end = (uint64_t)taskCount * (uint64_t)(i + 1) / (uint64_t)pool->size;
    atomic_store_explicit(&pool->ranges[i].word, pool->generation << 2 * TASK_BITS | next << TASK_BITS | end,
                          memory_order_release);
  }
  atomic_fetch_add(&pool->epoch, 1);
  if (atomic_load(&pool->sleepers) > 0) futex_wake(&pool->epoch, taskCount - 1);
  work(pool, 0);
  for (int i = 0; i < SPINS; i++) {
    if (atomic_load_explicit(&pool->completed, memory_order_acquire) == taskCount) return;
    relax();
  }
  atomic_store(&pool->callerSleeps, true);
  for (int completed; (completed = atomic_load(&pool->completed)) != taskCount;)
    futex_wait(&pool->completed, (uint32_t)completed);
  atomic_store(&pool->callerSleeps, false);
}

void k_pool_run(k_pool *pool, k_task task, void *context, int taskCount) {
  if (taskCount <= 0) return;
  if (pool->size == 1 || taskCount == 1) {
    for (int i = 0; i < taskCount; i++) task(context, i, 0);
    return;
  }
  pool->task = task;
  pool->context = context;
  for (int first = 0; first < taskCount; first += MOST_TASKS)
    run(pool, first, taskCount - first < MOST_TASKS ? taskCount - first : MOST_TASKS);
}
