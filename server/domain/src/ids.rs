//! Identities: one type per thing, so that one id cannot stand for another.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        #[schema(value_type = String, format = Uuid)]
        pub struct $name(pub Uuid);

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                $name(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Uuid {
                id.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map($name)
            }
        }
    )*};
}

ids! {
    PersonId,
    SignInId,
    SignInLetterId,
    /// A body that promotes (bureau, city bureau, office, centre) or a company.
    OrganisationId,
    MemberInvitationId,
    JoinRequestId,
    OpportunityId,
    InterestId,
    SessionId,
    AgendaItemId,
    SessionQuestionId,
    RegistrationId,
    ConsentId,
    DeskId,
    /// A room that several desks share.
    RoomId,
    SlotId,
    BookingId,
    WaitingPlaceId,
    StayId,
    ChannelId,
    FileId,
    MessageId,
    HallQuestionId,
    NoticeId,
    SanctionId,
    LetterId,
    AuditId,
}
