import type { ClientCheck } from "../client-check.ts";
import { HELLO } from "../origin.ts";

const run = (body: string): string => `
cat > Hello.java <<'EOF'
public class Hello { public static void main(String[] a) throws Exception { ${body} } }
EOF
java Hello.java`;

const fetchUrl = (url: string): string =>
  run(`System.out.write(new java.net.URL("${url}").openStream().readAllBytes()); System.out.flush();`);

/** Java reads certificates from a store of its own format. */
const trustSite = `keytool -importcert -noprompt -storepass secret -alias site -file "$SSL_CERT_FILE" -keystore trust.p12
export JAVA_TOOL_OPTIONS="$JAVA_TOOL_OPTIONS -Djavax.net.ssl.trustStore=$PWD/trust.p12 -Djavax.net.ssl.trustStorePassword=secret"`;

export const javaByHand: readonly ClientCheck[] = [
  { name: "Java, URL, http", programs: ["java"], script: ({ plain }) => fetchUrl(`${plain}/hello.txt`) },
  {
    name: "Java, URL, https",
    programs: ["java", "keytool"],

    script: ({ tls }) => `${trustSite}${fetchUrl(`${tls}/hello.txt`)}`,
  },
  {
    name: "Java, HttpClient",
    programs: ["java", "keytool"],

    script: ({ tls }) =>
      `${trustSite}${run(`
      var request = java.net.http.HttpRequest.newBuilder(java.net.URI.create("${tls}/hello.txt")).build();
      var body = java.net.http.HttpResponse.BodyHandlers.ofString();
      System.out.println(java.net.http.HttpClient.newHttpClient().send(request, body).body());
      System.exit(0);`)}`,
  },
  {
    name: "Maven",
    programs: ["mvn", "keytool"],

    prepare: (origin) => {
      const parent = `<project><modelVersion>4.0.0</modelVersion><groupId>site</groupId><artifactId>parent</artifactId>
        <version>1</version><packaging>pom</packaging><name>${HELLO}</name></project>`;
      origin.put("maven/site/parent/1/parent-1.pom", parent);
    },
    script: ({ tls }) => `${trustSite}
cat > pom.xml <<'EOF'
<project><modelVersion>4.0.0</modelVersion>
<parent><groupId>site</groupId><artifactId>parent</artifactId><version>1</version><relativePath/></parent>
<artifactId>child</artifactId><packaging>pom</packaging>
<repositories><repository><id>site</id><url>${tls}/maven</url></repository></repositories></project>
EOF
rm -rf "$TMPDIR/.cache/m2/site"
mvn --batch-mode --quiet validate && grep -o '${HELLO}' "$TMPDIR"/.cache/m2/site/parent/1/parent-1.pom`,
  },
];
