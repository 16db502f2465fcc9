/* SPDX-License-Identifier: MIT
 *
 * A shared object that is no plug-in: it lacks the one symbol.
 */
int something_else(void);

int something_else(void)
{
    return 1;
}
