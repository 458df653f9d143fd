//! `[instance]`: what a public body must show on its pages.

section! {
    /// Lines of the page's foot and the contact for personal data; empty ones are not shown.
    Instance = "instance" {
        sponsor: Option<String> = None, "a text";
        contact: Option<String> = None, "a text";
        /// ICP filing number.
        icp: Option<String> = None, "a text";
        /// Public security filing number.
        police: Option<String> = None, "a text";
        /// Map review number.
        map_review: Option<String> = None, "a text";
        /// Named in consent texts; a person must be reachable there (PIPL art. 17).
        privacy_contact: Option<String> = None, "a text";
    }
}
