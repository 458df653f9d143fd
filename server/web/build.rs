//! Builds the crate again when the front end was built again; it never builds the front end itself (`make front` does).

fn main() {
    println!("cargo:rerun-if-changed=../../frontend/build");
}
