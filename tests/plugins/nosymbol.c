/* SPDX-License-Identifier: MIT
 *
 * A shared object that is no plug-in: it does not export deconform_plugin.
 */
int something_else(void);

int something_else(void)
{
    return 1;
}
