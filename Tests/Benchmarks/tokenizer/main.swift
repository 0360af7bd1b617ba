// Times the tokenizer on one thread and prints one JSON object; started by compare.py. Arguments: a model with a
// tokenizer, a UTF-8 text, the number of ids expected of it.
import Glibc
import ModelFiles
import Tokenization

/// Seconds of processor time of this thread: other processes on the machine do not count.
func threadSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

func seconds(_ body: () throws -> Void) rethrows -> Double {
  let start = threadSeconds()
  try body()
  return threadSeconds() - start
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

func contents(of path: String) -> [UInt8]? {
  guard let file = fopen(path, "r") else { return nil }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
  return bytes
}

let arguments = CommandLine.arguments
guard arguments.count == 4, let bytes = contents(of: arguments[2]), let expected = Int(arguments[3]),
  let data = try Checkpoint.open(arguments[1]).tokenizer
else {
  print("usage: tokenizer-rate MODEL TEXT ID-COUNT")
  exit(2)
}
let text = String(decoding: bytes, as: UTF8.self)
var (initialise, cold, warm, offsets, decode): ([Double], [Double], [Double], [Double], [Double]) = ([], [], [], [], [])
for _ in 0..<9 {
  var made: Tokenizer?
  initialise.append(try seconds { made = try Tokenizer(data) })
  let tokenizer = made!
  var ids: [TokenID] = []
  cold.append(seconds { ids = tokenizer.encode(text) })
  guard ids.count == expected else {
    print("\(ids.count) ids; \(expected) were expected")
    exit(1)
  }
  warm.append(seconds { ids = tokenizer.encode(text) })
  offsets.append(seconds { _ = tokenizer.encodeWithOffsets(text) })
  decode.append(seconds { _ = tokenizer.decode(ids) })
}
let megabytes = Double(bytes.count) / 1e6
print(
  """
  {"init_ms": \(median(initialise) * 1e3), "cold": \(megabytes / median(cold)), "warm": \(megabytes / median(warm)), \
  "best": \(megabytes / warm.min()!), "with_offsets": \(megabytes / median(offsets)), \
  "decode": \(megabytes / median(decode))}
  """)
