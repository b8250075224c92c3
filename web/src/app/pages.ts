// The pages beside the queue, each in a file of its own that is fetched later.
import { later } from "./later";

export const HandoffPage = later(() => import("../pages/HandoffPage").then((found) => found.HandoffPage));
export const MetricsPage = later(() => import("../pages/MetricsPage").then((found) => found.MetricsPage));
export const OtherPerson = later(() => import("./OtherPerson").then((found) => found.OtherPerson));
export const SessionPage = later(() => import("../pages/SessionPage").then((found) => found.SessionPage));
export const Sessions = later(() => import("../pages/Sessions").then((found) => found.Sessions));
export const SignIn = later(() => import("../pages/SignIn").then((found) => found.SignIn));
