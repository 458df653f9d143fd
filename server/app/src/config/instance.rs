//! `[instance]`: what this installation is called, and what a public body must show on its pages.

section! {
    /// Name, lines of the page's foot, contact for personal data; empty lines are not shown.
    Instance = "instance" {
        /// The name of the platform, as its users know it.
        name_hans: String = "云洽".into(), "a text";
        name_hant: String = "雲洽".into(), "a text";
        name_en: String = "Yunqia".into(), "a text";
        /// New companies may act at once; otherwise the operator approves each.
        companies_approved_at_once: bool = false, "true or false";
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
