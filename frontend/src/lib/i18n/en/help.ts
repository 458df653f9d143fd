// The help page and the personal-information rules.
import type { Catalogue } from '../zh-Hans';

export default {
  title: 'Help',
  lead: 'How to take part, how to host, and what the platform does with your information.',
  contents: 'Contents',
  contact: 'Contact',
  contactText: 'For questions, or to use your rights over your personal information, write to:',
  contactNone: 'The operator has not given a contact yet.',
  privacyContact: 'Personal information',
  sections: [
    {
      id: 'companies',
      title: 'For companies',
      items: [
        {
          title: 'The first time',
          text: 'Sign in with your e-mail address, add your name, then create your company or join it. Mainland companies are known by their unified social credit code, others by their registration number. If your company is here already, you can ask its manager to let you join.',
        },
        {
          title: 'Registering',
          text: "Press 'Register' on the page of a session, choose who comes, answer the hosts' questions, and tick, centre by centre, which of them may receive your contact details. The answer and its reason come by e-mail.",
        },
        {
          title: 'Booking talks',
          text: 'Once booking opens, choose a desk and a time on the timetable. Where it is first come, first served you have the slot at once; where the centre wants to be asked, the slot is held for you until it answers or the request expires. You can move, cancel or join the waiting list.',
        },
        {
          title: 'On the day',
          text: 'The talk room opens five minutes early and never cuts anyone off. Afterwards both sides say whether the talk was held, did not happen, or had a problem.',
        },
      ],
    },
    {
      id: 'centres',
      title: 'For centres',
      items: [
        {
          title: 'Creating a session',
          text: 'Start from a run sheet or copy an earlier session; set the windows for registration and booking, the slots, the desks and who sits at them; submit it for publication.',
        },
        {
          title: 'Approving and inviting',
          text: 'Approve, return or reject registrations one by one or many at once, always with a reason. For companies that phoned, you can book on their behalf.',
        },
        {
          title: 'Changing plans',
          text: 'A change that would touch existing bookings first lists the talks concerned. It is made only after you confirm, and everyone concerned is told.',
        },
        {
          title: 'Afterwards',
          text: 'Closing the session makes its report: attendance, questions and answers, interests, outcomes of talks, also as tables to download.',
        },
      ],
    },
    {
      id: 'time',
      title: 'Times and time zones',
      items: [
        {
          title: 'Two clocks',
          text: "Every time is shown in the session's zone and in yours. Around the change to or from summer time, the same Beijing hour is another hour where you are; trust the page and the letter.",
        },
        {
          title: 'Calendar',
          text: 'Every confirmation carries a calendar entry. The calendar address in your settings follows every change and cancellation.',
        },
      ],
    },
    {
      id: 'mail',
      title: 'E-mail',
      items: [
        {
          title: 'No letter came',
          text: 'Look into the spam folder, or ask your mail administrator to let us through. A booking does not depend on mail: what the page shows is what counts.',
        },
        {
          title: 'Links in letters',
          text: 'Opening a link never signs in, confirms, cancels or unsubscribes anything. Only the button on the page it opens does.',
        },
      ],
    },
    {
      id: 'devices',
      title: 'Browsers and devices',
      items: [
        {
          title: 'Which browsers',
          text: 'Chrome or Edge 87, Safari 14, Firefox 83 and later, and phone browsers of the same age. If the network is gone for up to a minute, no message is lost and none comes twice.',
        },
        {
          title: 'Large type and dark colours',
          text: "Both are under 'Display' at the top of the page. Everything can be done with the keyboard alone.",
        },
      ],
    },
    {
      id: 'privacy',
      title: 'Personal-information rules',
      items: [
        {
          title: 'What is processed, and for what',
          text: 'Your e-mail address, to sign you in and to write to you; your name, form of address, organisation and (if given) phone number, and the answers, interests, messages and files you enter, to hold sessions and talks. Devices and sign-in times serve the safety of your account only. Nothing is used for other purposes.',
        },
        {
          title: 'Who receives it',
          text: 'Your contact details go to a promotion centre only after you have agreed to it separately, centre by centre; you can withdraw this at any time on the page of your registration. Phone numbers are shown only to the other side of a confirmed talk. Private conversations are seen by the two sides alone.',
        },
        {
          title: 'For how long',
          text: 'Sign-in logs are kept for at least six months, as network-security rules require. Records of sessions and talks are kept under the archive rules of the host.',
        },
        {
          title: 'Your rights',
          text: 'You can see and correct your information and withdraw consent. In your settings you take all of it away as a file, or close the account. For anything else use the contact below.',
        },
      ],
    },
  ],
} satisfies Catalogue['help'];
