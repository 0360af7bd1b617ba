extension Filters {
  static let numbers: [String: FilterFunction] = [
    "abs": { value, _, _ throws(Fault) in
      guard let number = value.number else {
        throw .type("bad operand type for abs(): '\(value.typeName)'")
      }
      if case .float(let double) = number { return .float(double.magnitude) }
      return try Operators.compare(value, .less, .int(0)) ? try Operators.negate(value) : try Operators.plus(value)
    },
    "int": { value, arguments, _ throws(Fault) in
      let given = try arguments.bound(to: "do_int", ["default", "base"])
      let fallback = given[0] ?? .int(0)
      switch value {
      case .string(let text):
        if let integer = Integers.parsed(text, base: try integer(given[1], 10)) { return integer }
        guard let double = Floats.parsed(text), double.isFinite else { return fallback }
        return try Operators.truncated(double)
      case .float(let double): return double.isNaN || double.isInfinite ? fallback : try Operators.truncated(double)
      case .bool, .int, .big: return try Operators.plus(value)
      case .undefined(let undefined): throw undefined.fault
      default: return fallback
      }
    },
    "float": { value, arguments, _ throws(Fault) in
      let fallback = try arguments.bound(to: "do_float", ["default"])[0] ?? .float(0)
      switch value {
      case .string(let text): return Floats.parsed(text).map(Value.float) ?? fallback
      case .undefined(let undefined): throw undefined.fault
      default: return value.number.map { .float($0.double) } ?? fallback
      }
    },
    "round": { value, arguments, _ throws(Fault) in
      let given = try arguments.bound(to: "do_round", ["precision", "method"])
      let digits = try integer(given[0], 0)
      let method = try given[1].map { (value) throws(Fault) in try Representation.text(value).string } ?? "common"
      guard ["common", "ceil", "floor"].contains(method) else {
        throw Fault(.runtime, "method must be common, ceil or floor")
      }
      guard let number = value.number else {
        throw .type("type \(value.typeName) doesn't define __round__ method")
      }
      if method != "common" {
        let scale = Floats.power(10, Double(digits))
        let scaled = number.double * scale
        if !scaled.isFinite { throw Fault(.overflow, "cannot convert float infinity to integer") }
        return .float(scaled.rounded(method == "ceil" ? .up : .down) / scale)
      }
      if case .float(let double) = number { return .float(Floats.rounded(double, digits: digits)) }
      if digits >= 0 { return try Operators.plus(value) }
      // Integers are rounded to tens, hundreds, … with ties to even.
      guard digits > -400 else { return .int(0) }
      let unit = try Operators.power(.int(10), .int(-digits))
      let half = try Operators.floorDivide(unit, .int(2))
      let remainder = try Operators.modulo(value, unit)
      let below = try Operators.subtract(value, remainder)
      let isOdd = try Operators.areEqual(try Operators.modulo(try Operators.floorDivide(below, unit), .int(2)), .int(1))
      let goesUp = try Operators.compare(remainder, .greater, half)
      let isTie = try Operators.areEqual(remainder, half)
      return goesUp || isTie && isOdd ? try Operators.add(below, unit) : below
    },
    "filesizeformat": { value, arguments, _ throws(Fault) in
      let isBinary = try arguments.bound(to: "do_filesizeformat", ["binary"])[0]?.isTrue ?? false
      let bytes: Double
      switch value {
      case .string(let text):
        guard let parsed = Floats.parsed(text) else {
          throw .value("could not convert string to float: \(try Representation.of(value))")
        }
        bytes = parsed
      case .undefined(let undefined): throw undefined.fault
      default:
        guard let number = value.number else {
          throw .type("float() argument must be a string or a real number, not '\(value.typeName)'")
        }
        bytes = number.double
      }
      let base: Double = isBinary ? 1024 : 1000
      if bytes == 1 { return .string("1 Byte") }
      if bytes < base { return .string("\(try Representation.of(try Operators.truncated(bytes))) Bytes") }
      var unit = base
      let letters = Array("KMGTPEZY")
      for (index, letter) in letters.enumerated() {
        unit *= base
        if bytes < unit || index == letters.count - 1 {
          let size = FormatSpec.printed(base * bytes / unit, "f", 1)
          return .string("\(size) \(isBinary ? "\(letter)i" : index == 0 ? "k" : "\(letter)")B")
        }
      }
      return .null
    },
  ]
}
