// What the server says, in the reader's language.
export function said(text: string): string {
	return text;
}
