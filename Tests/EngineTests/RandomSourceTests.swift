import Engine
import Testing

@Suite struct RandomSourceTests {
  /// The published sequence for seed 1234567 (Rosetta Code, "Pseudo-random numbers/Splitmix64").
  @Test func `SplitMix64 gives the published sequence`() {
    var source = SplitMix64(state: 1_234_567)
    #expect(
      (0..<5).map { _ in source.next() } == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
        16_408_922_859_458_223_821,
      ])
  }

  /// The reference implementation's output from the state 1, 2, 3, 4, as the tests of rand_xoshiro have it.
  @Test func `xoshiro256** gives the reference implementation's sequence`() {
    var source = RandomSource(state: (1, 2, 3, 4))
    #expect(
      (0..<10).map { _ in source.next() } == [
        11520, 0, 1_509_978_240, 1_215_971_899_390_074_240, 1_216_172_134_540_287_360, 607_988_272_756_665_600,
        16_172_922_978_634_559_625, 8_476_171_486_693_032_832, 10_595_114_339_597_558_777, 2_904_607_092_377_533_576,
      ])
  }

  @Test func `a seed fixes the sequence and units lie below one`() {
    var a = RandomSource(seed: 42)
    var b = RandomSource(seed: 42)
    var c = RandomSource(seed: 43)
    let units = (0..<1000).map { _ in a.nextUnit() }
    #expect(units == (0..<1000).map { _ in b.nextUnit() })
    #expect(units != (0..<1000).map { _ in c.nextUnit() })
    #expect(units.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect(abs(units.reduce(0, +) / 1000 - 0.5) < 0.05)
  }
}
