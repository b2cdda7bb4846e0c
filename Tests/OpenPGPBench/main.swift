import Glibc
import OpenPGP
import Support

// How many signatures a second each engine judges, from armor to answer, on one core. For people; CI does not time.
//
//   swift run -c release openpgp-bench [COUNT]

func seconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

let count = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1])! : 5_000

func certificate(_ key: TestKey) throws -> Certificate {
  var made = TestCertificate(primary: key)
  made.addUser("Bench <bench@example.org>", flags: 0x03)
  return try made.read()
}

func report(_ name: String, _ amount: Int, _ work: () -> Int) {
  let start = seconds()
  let good = work()
  let time = seconds() - start
  let rate = Int(Double(amount) / time)
  print("\(name): \(rate)/s, \((time / Double(amount) * 1e6).rounded()) us each, \(good) of \(amount) good")
}

func isGood(_ answer: Answer) -> Bool {
  if case .good = answer { true } else { false }
}

let kinds: [(String, TestKey)] = [
  ("Ed25519", .ed25519(seed: 1)), ("RSA-4096", .rsa(bits: 4096)), ("P-256", .p256(seed: 1)),
]
for (name, key) in kinds {
  let keyring = Keyring([try certificate(key)])
  let payloads = (0..<count).map { index in
    Array("tree \(index)\n".utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: 640)
  }
  let armors = payloads.map { key.sign($0) }
  let native = NativeEngine(keyring: keyring)
  report("\(name) read only", count) {
    armors.count { if case .openPGP = SignatureBlock.read(armor: $0) { true } else { false } }
  }
  report("\(name) native", count) {
    zip(armors, payloads).count { armor, payload in
      guard case .openPGP(let signature) = SignatureBlock.read(armor: armor) else { return false }
      return isGood(Question.asking(signature, over: payload) { native.judge($0) })
    }
  }
  let signatures = armors.compactMap { armor -> SignaturePacket? in
    if case .openPGP(let signature) = SignatureBlock.read(armor: armor) { signature } else { nil }
  }
  report("\(name) gnupg, one process", count) {
    let engine = GnuPGEngine(keyring: keyring)
    var answers: [Answer] = []
    for (signature, payload) in zip(signatures, payloads) {
      answers += Question.asking(signature, over: payload) { engine.submit($0) }
    }
    return (answers + engine.finish()).count(where: isGood)
  }
  report("\(name) gnupg, one question from start to answer", 1) {
    let engine = GnuPGEngine(keyring: keyring)
    return isGood(Question.asking(signatures[0], over: payloads[0]) { engine.judge($0) }) ? 1 : 0
  }
}
