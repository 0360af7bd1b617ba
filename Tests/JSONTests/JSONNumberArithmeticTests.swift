import JSON
import Testing

/// Expected results by Python's `fractions.Fraction(decimal.Decimal(literal))`, the first rows chosen, the others random
/// (seed 7).
@Suite struct JSONNumberArithmeticTests {
  /// Two literals, how they compare, whether the first is integral, whether it is a multiple of the second's magnitude.
  private static let rows: [(String, String, Character, Bool, Bool?)] = [
    ("1", "1.0", "=", true, true),
    ("10", "1e1", "=", true, true),
    ("-0", "0", "=", true, nil),
    ("0.075", "0.01", ">", false, false),
    ("0.0075", "0.0001", ">", false, true),
    ("1e308", "0.123456789", ">", true, false),
    ("12391239123", "1e-8", ">", true, true),
    ("9007199254740993", "9007199254740992", ">", true, false),
    ("1e400", "1e399", ">", true, true),
    ("100000000000000000000000003", "3", ">", true, false),
    ("98249283749234923498293171823948729348710298301928331", "7", ">", true, true),
    ("4.5", "1.5", ">", false, true),
    ("35", "1.5", ">", true, false),
    ("123456789012345678901234567890", "12345678901234567890123", ">", true, false),
    ("246913578024691357802469135780", "24691357802469135780246913578e1", "=", true, true),
    ("50.018159", "1", ">", false, false),
    ("30.8", "28.909960", ">", false, false),
    ("571e+13", "3333813313834826388", "<", true, false),
    ("1158252176259998754", "63.865797", ">", true, false),
    ("23.319487", "-295e16", ">", false, false),
    ("-19.6018", "-43.597971", ">", false, false),
    ("-486e23", "-292E-11", "<", true, false),
    ("-9107028356925881720", "-756", "<", true, false),
    ("-8688548654842000311384551", "-17.8465", "<", true, false),
    ("-981e2", "12", "<", true, true),
    ("33.026", "-16.890786", ">", false, false),
    ("-13.6031", "-167e+19", ">", false, false),
    ("549", "-1", ">", true, true),
    ("-153E+19", "14.7774", "<", true, false),
    ("4883902672325290085", "66.3", ">", true, false),
    ("-151e-9", "713E-11", "<", false, false),
    ("-791e-17", "-652e-25", "<", false, false),
    ("826e+23", "531E+23", ">", true, false),
    ("4780923202390243725", "-1557834263369643586080842", ">", true, false),
    ("3953161931896913892431325", "61.511637", ">", true, false),
    ("-809E25", "-475E-30", "<", true, false),
    ("130", "-626", ">", true, false),
    ("-674E17", "1.182633", "<", true, false),
    ("4437168562901886422", "-266E1", ">", true, false),
    ("-920E-18", "-847e-4", ">", false, false),
    ("56.90", "177e+19", "<", false, false),
    ("334E28", "24.018", ">", true, false),
    ("97.7", "88.788", ">", false, false),
    ("716E-28", "-141E12", ">", false, false),
    ("85.61", "-2", ">", false, false),
    ("-147E30", "50.2326", "<", true, false),
    ("-348E11", "-2.877", "<", true, false),
    ("-340E-30", "1", "<", false, false),
    ("276", "-870E+4", ">", true, false),
    ("-89.140", "436e+30", "<", false, false),
    ("4102703307715366098", "3122885629803243044668102", "<", true, false),
    ("954", "-67.47", ">", true, false),
    ("34.040", "8647315907294195817437786", "<", false, false),
    ("-9800736131978206560471541", "29.326", "<", true, false),
    ("858e2", "-442e2", ">", true, false),
    ("-892E-7", "471e8", "<", false, false),
    ("-46.853", "-365", ">", false, false),
    ("-5395275568819982384617994", "31.01412", "<", true, false),
    ("50.4", "10.82965", ">", false, false),
    ("-154E-19", "845E-22", "<", false, false),
    ("932e-18", "88e4", "<", false, false),
    ("386E-1", "502E14", "<", false, false),
    ("676e-23", "33.33", "<", false, false),
    ("-506E15", "-786e-20", "<", true, false),
    ("615e+8", "-637e15", ">", true, false),
    ("-3", "-726E+14", ">", true, false),
    ("70.41", "297E26", "<", false, false),
    ("-34.3319", "-5157117356484137453", ">", false, false),
    ("-237E+12", "7841940581722715525517065", "<", true, false),
    ("53.651", "333E+3", "<", false, false),
  ]

  private func number(_ literal: String) throws -> JSONNumber {
    try #require(try JSONValue(parsing: literal).number)
  }

  @Test(arguments: rows)
  func `numbers are compared and divided exactly`(
    row: (a: String, b: String, order: Character, isInteger: Bool, isMultiple: Bool?)
  ) throws {
    let (a, b) = (try number(row.a), try number(row.b))
    #expect((a < b ? "<" : b < a ? ">" : "=") == row.order)
    #expect((a == b) == (row.order == "="))
    #expect(a.isInteger == row.isInteger)
    if let isMultiple = row.isMultiple { #expect(a.isMultiple(of: b) == isMultiple) }
  }
}
