// What this page takes of Mantine, with its styles: not needed by the first screen, and fetched with what uses it.
import "./controls.css";

export { Button, Loader, PasswordInput, TextInput } from "@mantine/core";
