using Dynospace.Cli.Manifests;
using Dynospace.Cli.Terminal;
using Xunit;

namespace Dynospace.Cli.Tests.Manifests;

public sealed class ManifestReaderTests : IDisposable
{
    private readonly TestEnvironment _environment = new();

    public void Dispose() => _environment.Dispose();

    [Fact]
    public void Files_come_by_name_and_their_objects_as_they_stand()
    {
        _environment.Write("m/2.yaml", "{apiVersion: v1, kind: Secret, metadata: {name: c}}");
        _environment.Write(
            "m/1.yml",
            "{apiVersion: v1, kind: Namespace, metadata: {name: b}}\n---\n{apiVersion: v1, kind: Namespace, metadata: "
            + "{name: a}}");
        _environment.Write("m/3.json", """{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "d"}}""");
        _environment.Write("m/README.md", "no YAML");
        Assert.Equal(["b", "a", "c", "d"], Read("m").Select(manifest => manifest.Key.Name));
    }

    [Fact]
    public void Lists_are_taken_apart_and_kustomizations_left_out()
    {
        _environment.Write(
            "m/list.yaml",
            "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Secret, metadata: {name: a}}]}");
        _environment.Write(
            "m/kustomization.yaml",
            "{apiVersion: kustomize.config.k8s.io/v1beta1, kind: Kustomization, resources: [list.yaml]}");
        Assert.Equal(["a"], Read("m").Select(manifest => manifest.Key.Name));
    }

    [Theory]
    [InlineData("kind: Secret\nmetadata: {name: a}", "no apiVersion")]
    [InlineData("apiVersion: v1\nmetadata: {name: a}", "no kind")]
    [InlineData("apiVersion: v1\nkind: Secret", "no metadata.name")]
    [InlineData("- a\n- b", "not an object")]
    [InlineData("# nothing", "holds no objects")]
    [InlineData("a: &a\n  b: *a", "contains itself")]
    [InlineData("apiVersion: v1\nkind: 5\nmetadata: {name: a}", "no kind")]
    public void What_is_not_an_object_is_refused_with_what_it_lacks(string text, string part)
    {
        _environment.Write("m.yaml", text);
        Assert.Contains(part, Assert.Throws<CliException>(() => Read("m.yaml")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Typed_lists_and_values_that_only_look_like_numbers_read_as_with_kubectl()
    {
        _environment.Write("m.yaml", """
            apiVersion: dynospace.dev/v1alpha1
            kind: AppList
            items:
            - metadata: {name: site, namespace: team}
              spec: {config: {COMMIT: 5e73291, PORT_HINT: !!str 8080, N: "1", on: "3"}}
            """);

        var app = Assert.Single(Read("m.yaml"));

        Assert.Equal(("dynospace.dev/v1alpha1", "App"), (app.ApiVersion, app.Kind));
        Assert.Equal(
            """{"COMMIT":"5e73291","PORT_HINT":"8080","false":"1","true":"3"}""",
            app.Content["spec"]!["config"]!.ToJsonString());
    }

    [Fact]
    public void A_dash_stands_for_standard_input()
    {
        const string two =
            """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"}}{"apiVersion":"v1","kind":"Secret","metadata":{"name":"b"}}""";
        var environment = _environment.Cli with
        {
            In = () => new MemoryStream(System.Text.Encoding.UTF8.GetBytes(two)),
        };
        var empty = _environment.Cli with { In = () => new MemoryStream() };

        Assert.Equal(["a", "b"], ManifestReader.Read("-", environment).Select(manifest => manifest.Key.Name));
        Assert.Contains(
            "holds no objects",
            Assert.Throws<CliException>(() => ManifestReader.Read("-", empty)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_YAML_is_refused()
    {
        _environment.Write("m/README.md", "");
        Assert.Throws<CliException>(() => Read("m"));
    }

    [Fact]
    public void Crds_of_the_checkout_win_over_those_of_the_program()
    {
        Assert.Equal(5, ManifestSources.Crds(_environment.Cli).Count);
        _environment.Write(
            "crds/dynospace.dev_spaces.yaml",
            "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: mine}}");
        Directory.CreateDirectory(Path.Combine(_environment.Folder, "below"));
        var below = _environment.Cli with { CurrentFolder = Path.Combine(_environment.Folder, "below") };
        Assert.Equal(["mine"], ManifestSources.Crds(below).Select(manifest => manifest.Key.Name));
    }

    [Fact]
    public void Outside_a_checkout_the_samples_are_those_of_the_program() => Assert.Equal(
        ["acme-prod", "playground"],
        ManifestSources.Samples(_environment.Cli)
            .Where(manifest => manifest.Kind == "Space")
            .Select(manifest => manifest.Key.Name)
            .Order());

    /// <summary>Nothing of them lies beside a program that is one file.</summary>
    [Theory]
    [InlineData("crds")]
    [InlineData("samples")]
    public void What_the_program_carries_is_what_the_repository_holds(string folder)
    {
        var carried = folder == "crds" ? EmbeddedFiles.Crds : EmbeddedFiles.Samples;

        Assert.Equal(
            Directory.GetFiles(RepositoryFolder.Combine(folder), folder == "crds" ? "dynospace.dev_*.yaml" : "*.yaml")
                .Order(StringComparer.Ordinal)
                .Select(file => (Path.GetFileName(file), File.ReadAllText(file))),
            carried.OrderBy(file => file.Name, StringComparer.Ordinal).Select(file => (file.Name, file.Text)));
    }

    [Fact]
    public void Kinds_of_CRDs_are_learned_with_their_scope()
    {
        var kinds = new KindTable();
        kinds.Learn(ManifestReader.ReadText("""
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: widgets.example.com}
            spec: {group: example.com, scope: Cluster, names: {plural: widgets, kind: Widget}, versions: [{name: v1}]}
            """, "crd.yaml"));
        var widget =
            ManifestReader.ReadText("{apiVersion: example.com/v1, kind: Widget, metadata: {name: w}}", "w.yaml")
                .Single();
        Assert.Equal(("widgets", false), (kinds.KindOf(widget).Plural, kinds.KindOf(widget).IsNamespaced));
    }

    [Theory]
    [InlineData("v1", "Namespace", "namespaces", false)]
    [InlineData("apps/v1", "Deployment", "deployments", true)]
    [InlineData("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", true)]
    [InlineData("dynospace.dev/v1alpha1", "Space", "spaces", false)]
    [InlineData("dynospace.dev/v1alpha1", "App", "apps", true)]
    public void Built_in_kinds_are_known(string apiVersion, string kind, string plural, bool isNamespaced)
    {
        var manifest =
            ManifestReader.ReadText($"{{apiVersion: {apiVersion}, kind: {kind}, metadata: {{name: x}}}}", "x.yaml")
                .Single();
        var found = new KindTable().KindOf(manifest);
        Assert.Equal((plural, isNamespaced), (found.Plural, found.IsNamespaced));
    }

    private IReadOnlyList<Manifest> Read(string path) =>
        ManifestReader.ReadPath(Path.Combine(_environment.Folder, path), path);
}
