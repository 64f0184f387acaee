package dev.millrace.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which paths of which package type change, from the formats' own specifications. */
final class FileTreeFormatsTest {
  private static final String MD5 = "0123456789abcdef".repeat(2);
  private static final String SHA1 = "01234567".repeat(5);
  private static final String SHA256 = "0123456789abcdef".repeat(4);
  private static final String SHA512 = SHA256 + SHA256;
  private static final Fields NO_FIELDS = name -> List.of();

  private static Format format(String name) {
    return Objects.requireNonNull(Formats.named(name));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          maven   | org/a/b/1.0/b-1.0.jar                              | immutable
          maven   | org/a/b/1.0/b-1.0.jar.sha1                         | immutable
          maven   | org/a/b/1.0/b-1.0.pom                              | immutable
          maven   | org/a/b/maven-metadata.xml                         | mutable
          maven   | org/a/b/maven-metadata.xml.sha256                  | mutable
          maven   | org/a/b/1.0-SNAPSHOT/b-1.0-20260101.010101-1.jar   | mutable
          maven   | org/a/b/1.0-SNAPSHOT/maven-metadata.xml            | mutable
          maven   | org/a/x-SNAPSHOT-y/1.0/z.jar                       | immutable
          maven   | org/a/b/                                           | pass_through
          deb     | dists/stable/InRelease                             | mutable
          deb     | dists/stable/Release.gpg                           | mutable
          deb     | dists/stable/main/binary-amd64/Packages.xz         | mutable
          deb     | dists/stable/main/i18n/Translation-en.xz           | mutable
          deb     | dists/stable/main/Contents-amd64.gz                | mutable
          deb     | dists/stable/main/by-hash/SHA256/short             | mutable
          deb     | pool/main/h/hello/hello_2.10-3_amd64.deb           | immutable
          deb     | debian/pool/main/h/hello/hello_2.10-3.dsc          | immutable
          deb     | hello_2.10-3_amd64.deb                             | immutable
          deb     | carpool/README                                     | mutable
          deb     | dists/                                             | pass_through
          rpm     | repodata/repomd.xml                                | mutable
          rpm     | repodata/repomd.xml.asc                            | mutable
          rpm     | repodata/primary.xml.gz                            | mutable
          rpm     | repodata/abc-primary.xml.gz                        | mutable
          rpm     | Packages/h/hello-2.12-1.x86_64.rpm                 | immutable
          rpm     | drpms/hello-2.12_2.13.x86_64.drpm                  | immutable
          rpm     | Packages/                                          | pass_through
          alpine  | v3.20/main/x86_64/APKINDEX.tar.gz                  | mutable
          alpine  | v3.20/main/x86_64/hello-2.12-r0.apk                | immutable
          alpine  | MIRRORS.txt                                        | mutable
          alpine  | v3.20/main/                                        | pass_through
          goproxy | golang.org/x/text/@v/list                          | mutable
          goproxy | golang.org/x/text/@latest                          | mutable
          goproxy | golang.org/x/text/@v/v0.3.0.info                   | immutable
          goproxy | golang.org/x/text/@v/v0.3.0.mod                    | immutable
          goproxy | golang.org/x/text/@v/v0.3.0.zip                    | immutable
          goproxy | github.com/!azure/a/@v/v1.0.0-beta.1+incompatible.zip | immutable
          goproxy | a.org/b/@v/v0.0.0-20260101010101-abcdefabcdef.mod  | immutable
          goproxy | a.org/b/@v/master.info                             | mutable
          goproxy | a.org/b/@v/v1.info                                 | mutable
          goproxy | a.org/b/@v/v1.2.info                               | mutable
          goproxy | a.org/b/@v/v1.2.3.ziphash                          | mutable
          goproxy | a.org/b/v1.2.3.zip                                 | pass_through
          goproxy | sumdb/sum.golang.org/supported                     | pass_through
          goproxy | sumdb/sum.golang.org/lookup/a.org/b@v1.2.3         | pass_through
          goproxy | sumdb/sum.golang.org/tile/8/0/x001/234             | immutable
          """)
  void path_changesOrNot(String type, String path, String expected) {
    assertThat(format(type).classify(path))
        .isEqualTo(ContentClass.valueOf(expected.toUpperCase(Locale.ROOT)));
  }

  private static void assertProven(String type, String path, DigestAlgorithm by, String hex) {
    assertThat(format(type).classify(path)).as(path).isEqualTo(ContentClass.IMMUTABLE);
    assertThat(format(type).promisedDigests(path, NO_FIELDS))
        .as(path)
        .containsExactly(new Digest(by, hex));
  }

  @Test
  void pathByHash_provesWhatItNames() {
    String index = "dists/stable/main/binary-amd64/by-hash/";
    assertProven("deb", index + "SHA256/" + SHA256, DigestAlgorithm.SHA_256, SHA256);
    assertProven("deb", index + "SHA512/" + SHA512, DigestAlgorithm.SHA_512, SHA512);
    assertProven("deb", index + "SHA1/" + SHA1, DigestAlgorithm.SHA_1, SHA1);
    assertProven("deb", index + "MD5Sum/" + MD5, DigestAlgorithm.MD5, MD5);
    assertProven(
        "rpm", "x/repodata/" + SHA256 + "-primary.xml.gz", DigestAlgorithm.SHA_256, SHA256);
    assertProven("rpm", "repodata/" + SHA512 + "-other.xml.zst", DigestAlgorithm.SHA_512, SHA512);
    assertProven("rpm", "repodata/" + SHA1 + "-filelists.xml.gz", DigestAlgorithm.SHA_1, SHA1);
  }

  @Test
  void fields_proveWhereThePathDoesNot() {
    Fields said = name -> name.equals("X-Checksum-Sha256") ? List.of(SHA256) : List.of();
    for (String type : List.of("maven", "deb", "rpm", "alpine", "goproxy")) {
      assertThat(format(type).promisedDigests("a/b", said))
          .as(type)
          .containsExactly(Digest.sha256(SHA256));
    }
  }
}
