//! The three proofs cannot be forged, cloned, kept or reused: such programs do not compile (I3).
//!
//! Each file of `refused/` names on its first line what the compiler must say; `accepted.rs` is
//! the same program done right, so that a refusal is about the proof and not about the scaffolding.

#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn newest_library(deps: &Path) -> PathBuf {
    let files = std::fs::read_dir(deps).expect("the folder of built crates");
    let libraries = files.map(|file| file.expect("a folder entry").path()).filter(|path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
        name.starts_with("libringfence_kernel-") && name.ends_with(".rlib")
    });
    libraries
        .max_by_key(|path| std::fs::metadata(path).and_then(|data| data.modified()).ok())
        .expect("the kernel was built before its tests")
}

fn compile(source: &Path) -> Output {
    let exe = std::env::current_exe().expect("the path of this test");
    let deps = exe.parent().expect("the folder of this test");
    let mut library = std::ffi::OsString::from("ringfence_kernel=");
    library.push(newest_library(deps));
    let out = std::env::temp_dir().join(format!("ringfence-proofs-{}", std::process::id()));
    std::fs::create_dir_all(&out).expect("a folder for the compiler");
    Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(["--edition=2024", "--crate-type=lib", "--emit=metadata", "--cap-lints=allow"])
        .arg("--extern")
        .arg(library)
        .arg("-L")
        .arg(deps)
        .arg("--out-dir")
        .arg(&out)
        .arg(source)
        .output()
        .expect("rustc runs")
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/refused");
    let files = std::fs::read_dir(folder).expect("the refused programs");
    let mut cases: Vec<PathBuf> = files.map(|file| file.expect("an entry").path()).collect();
    cases.sort();
    cases
}

#[test]
fn r1_i3_programs_that_forge_or_reuse_a_proof_do_not_compile() {
    let mut refused = 0;
    for case in cases() {
        let text = std::fs::read_to_string(&case).expect("the program");
        let wanted = text.lines().next().and_then(|line| line.strip_prefix("//! refused: "));
        let output = compile(&case);
        let errors = String::from_utf8_lossy(&output.stderr);
        match wanted {
            Some(mark) => {
                refused += 1;
                assert!(!output.status.success(), "{} compiled", case.display());
                assert!(errors.contains(mark), "{}: no {mark} in\n{errors}", case.display());
            }
            None => assert!(output.status.success(), "{}:\n{errors}", case.display()),
        }
    }
    assert_eq!(9, refused, "programs that must not compile");
}
