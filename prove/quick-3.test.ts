import { testQuickly } from "./quick.ts";

testQuickly(3);
