// The bounds of what is made from the policy, each with its reason (I7).

export const PAPER_LIMITS = {
  /** Characters of the controller's name and of the contact: three lines of the sign, longer than any register of associations has. */
  nameChars: 120,
  /** Characters of one purpose in a document: a page of text; more is not read, and a file may hold a megabyte. */
  purposeChars: 2000,
  /** Cameras that a document names one by one. A box that serves more is not of this kind. */
  cameras: 64,
  /** Platforms that the sign names; a resident wants to know who, not a list of addresses. */
  platformsOnSign: 2,
  /** Characters of the page's address that a QR code still shows in squares of half a millimetre, which any phone reads. */
  linkChars: 160,
  /** Texts whose words' widths are remembered: those of a sign in each language, and room for what each step shortens. */
  measuredTexts: 2000,
} as const;
