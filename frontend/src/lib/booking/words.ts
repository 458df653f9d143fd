// How a desk is named where there is room for it.
import type { DeskCard } from '$lib/api/types';
import { plain } from '$lib/people';

/** The desk's own name, or the whole name of its centre. */
export const deskTitle = (desk: DeskCard) => plain(desk.name) || plain(desk.centre.name);
