using System.Text.Json.Nodes;
using DevCluster.ApiServer.OpenApi;
using DevCluster.Schema.Resources;
using DevCluster.Schema.Structural;

namespace DevCluster.ApiServer.Tests.OpenApi;

public sealed class OpenApiTests
{
    private static readonly ResourceDefinition Deployments = new()
    {
        Id = new("apps", "deployments"),
        Version = "v1",
        Kind = "Deployment",
        Singular = "deployment",
        IsNamespaced = true,
        Schema = BuiltInSchemas.For("apps/v1", "Deployment"),
        HasStatus = true,
        Scale = new(".spec.replicas", ".status.replicas", null),
    };

    private static readonly ResourceDefinition Spaces = new()
    {
        Id = new("example.dev", "spaces"),
        Version = "v1alpha1",
        Kind = "Space",
        Singular = "space",
        IsNamespaced = false,
        IsCustom = true,
        Schema = Custom(),
    };

    private static readonly JsonObject Apps = OpenApiV3.Document([Deployments]);
    private static readonly JsonObject Things = OpenApiV3.Document([Spaces]);
    private static readonly JsonObject V2 = OpenApiV2.Document([Deployments, Spaces]);

    [Theory]
    [InlineData("/apis/apps/v1/deployments", "get")]
    [InlineData("/apis/apps/v1/namespaces/{namespace}/deployments", "delete,get,post")]
    [InlineData("/apis/apps/v1/namespaces/{namespace}/deployments/{name}", "delete,get,patch,put")]
    [InlineData("/apis/apps/v1/namespaces/{namespace}/deployments/{name}/status", "get,patch,put")]
    [InlineData("/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale", "get,patch,put")]
    public void Every_path_lists_its_methods(string path, string methods)
    {
        var item = Apps["paths"]![path]!.AsObject();
        Assert.Equal(
            methods,
            string.Join(',', item.Select(m => m.Key).Where(m => m != "parameters").Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void A_cluster_scoped_resource_has_no_namespace_in_its_paths() =>
        Assert.Equal(
            ["/apis/example.dev/v1alpha1/spaces", "/apis/example.dev/v1alpha1/spaces/{name}"],
            Things["paths"]!.AsObject().Select(p => p.Key));

    [Theory]
    [InlineData("post", "deployments")]
    [InlineData("put", "deployments/{name}")]
    [InlineData("patch", "deployments/{name}")]
    public void Writes_name_the_parameters_that_kubectl_looks_for(string method, string path)
    {
        var operation = Apps["paths"]![$"/apis/apps/v1/namespaces/{{namespace}}/{path}"]![method]!;
        var names = operation["parameters"]!.AsArray().Select(p => (string)p!["name"]!).ToArray();

        Assert.Contains("fieldValidation", names);
        Assert.Contains("dryRun", names);
        Assert.Contains("fieldManager", names);
        Assert.Equal(
            """{"group":"apps","kind":"Deployment","version":"v1"}""",
            operation["x-kubernetes-group-version-kind"]!.ToJsonString());
        Assert.Equal(method, (string)operation["x-kubernetes-action"]!);
    }

    [Fact]
    public void The_scale_subresource_speaks_of_a_kind_of_its_own()
    {
        var operation = Apps["paths"]!["/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale"]!["patch"]!;

        Assert.Equal(
            """{"group":"autoscaling","kind":"Scale","version":"v1"}""",
            operation["x-kubernetes-group-version-kind"]!.ToJsonString());
    }

    [Fact]
    public void Every_reference_leads_somewhere()
    {
        foreach (var (document, definitions) in new[]
        {
            (Apps, Apps["components"]!["schemas"]!),
            (Things, Things["components"]!["schemas"]!),
            (V2, V2["definitions"]!),
        })
        {
            var references = References(document).Distinct().ToList();
            Assert.NotEmpty(references);
            Assert.All(references, r => Assert.NotNull(definitions[r[(r.LastIndexOf('/') + 1)..]]));
        }
    }

    [Fact]
    public void Kinds_carry_their_group_version_and_kind()
    {
        var schemas = Apps["components"]!["schemas"]!;

        Assert.Equal(
            """[{"group":"apps","kind":"Deployment","version":"v1"}]""",
            schemas["io.k8s.api.apps.v1.Deployment"]!["x-kubernetes-group-version-kind"]!.ToJsonString());
        Assert.Equal(
            """[{"group":"apps","kind":"DeploymentList","version":"v1"}]""",
            schemas["io.k8s.api.apps.v1.DeploymentList"]!["x-kubernetes-group-version-kind"]!.ToJsonString());
        Assert.NotNull(Things["components"]!["schemas"]!["dev.example.v1alpha1.Space"]);
        Assert.NotNull(Things["components"]!["schemas"]!["dev.example.v1alpha1.SpaceList"]);
    }

    [Fact]
    public void Merging_is_described_as_kubectl_needs_it_to_compute_patches()
    {
        var podSpec = Apps["components"]!["schemas"]!["io.k8s.api.core.v1.PodSpec"]!["properties"]!;

        Assert.Equal("merge,retainKeys", (string)podSpec["volumes"]!["x-kubernetes-patch-strategy"]!);
        Assert.Equal("name", (string)podSpec["volumes"]!["x-kubernetes-patch-merge-key"]!);
        Assert.Equal("map", (string)podSpec["containers"]!["x-kubernetes-list-type"]!);
        Assert.Equal("""["name"]""", podSpec["containers"]!["x-kubernetes-list-map-keys"]!.ToJsonString());
        Assert.Equal("atomic", (string)podSpec["tolerations"]!["x-kubernetes-list-type"]!);
        Assert.Equal("atomic", (string)podSpec["nodeSelector"]!["x-kubernetes-map-type"]!);
        var deploymentSpec = Apps["components"]!["schemas"]!["io.k8s.api.apps.v1.DeploymentSpec"]!;
        Assert.Equal("retainKeys", (string)deploymentSpec["properties"]!["strategy"]!["x-kubernetes-patch-strategy"]!);
        Assert.Equal("""["selector","template"]""", deploymentSpec["required"]!.ToJsonString());
    }

    [Fact]
    public void A_description_beside_a_reference_survives_in_both_dialects()
    {
        var v3 = Apps["components"]!["schemas"]!["io.k8s.api.apps.v1.Deployment"]!["properties"]!["spec"]!;
        Assert.Equal("#/components/schemas/io.k8s.api.apps.v1.DeploymentSpec", (string)v3["allOf"]![0]!["$ref"]!);
        Assert.NotEmpty((string)v3["description"]!);

        var v2 = V2["definitions"]!["io.k8s.api.apps.v1.Deployment"]!["properties"]!["spec"]!;
        Assert.Equal("#/definitions/io.k8s.api.apps.v1.DeploymentSpec", (string)v2["$ref"]!);
        Assert.NotEmpty((string)v2["description"]!);
    }

    [Fact]
    public void A_custom_schema_shows_its_rules_defaults_and_limits()
    {
        var spec = Things["components"]!["schemas"]!["dev.example.v1alpha1.Space"]!["properties"]!["spec"]!;

        Assert.Equal(
            """[{"rule":"self == oldSelf","message":"immutable"}]""", spec["x-kubernetes-validations"]!.ToJsonString());
        var runtime = spec["properties"]!["runtime"]!;
        Assert.Equal(
            """{"description":"How isolated.","type":"string","enum":["Common","Private"],"default":"Common"}""",
            runtime.ToJsonString());
        Assert.Equal(20, (long)spec["properties"]!["ranges"]!["maxItems"]!);
        Assert.True((bool)spec["properties"]!["port"]!["x-kubernetes-int-or-string"]!);
        Assert.True((bool)spec["properties"]!["extra"]!["nullable"]!);
    }

    [Fact]
    public void Version_2_has_no_words_of_version_3()
    {
        var text = V2.ToJsonString();
        Assert.DoesNotContain("\"nullable\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"oneOf\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("#/components/", text, StringComparison.Ordinal);
        Assert.Equal("string", (string)V2["definitions"]!["io.k8s.apimachinery.pkg.api.resource.Quantity"]!["type"]!);
    }

    [Fact]
    public void The_protobuf_form_says_what_the_JSON_form_says()
    {
        var document = new ProtobufReader(OpenApiV2.Protobuf([Deployments, Spaces]));

        Assert.Equal("2.0", document.Text(1));
        Assert.Equal("Kubernetes", document.Message(2).Text(1));
        var definitions = document.Message(9).Messages(1).ToDictionary(d => d.Text(1), d => d.Message(2));
        Assert.Equal(V2["definitions"]!.AsObject().Select(d => d.Key).ToHashSet(), definitions.Keys.ToHashSet());

        var containers = definitions["io.k8s.api.core.v1.PodSpec"].Message(25)
            .Messages(1)
            .Single(p => p.Text(1) == "containers")
            .Message(2);
        Assert.Equal("array", containers.Message(22).Text(1));
        Assert.Equal("#/definitions/io.k8s.api.core.v1.Container", containers.Message(23).Message(1).Text(1));
        var extensions = containers.Messages(31).ToDictionary(e => e.Text(1), e => e.Message(2).Text(2));
        Assert.Equal("\"name\"", extensions["x-kubernetes-patch-merge-key"]);
        Assert.Equal("[\"name\"]", extensions["x-kubernetes-list-map-keys"]);
    }

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject map =>
            map.SelectMany(p => p is { Key: "$ref", Value: JsonValue value }
                ? [value.GetValue<string>()]
                : References(p.Value)),
        JsonArray list => list.SelectMany(References),
        _ => [],
    };

    private static TypeSchema Custom() => new("object", properties: () => new Dictionary<string, TypeSchema>
    {
        ["apiVersion"] = new("string"),
        ["kind"] = new("string"),
        ["metadata"] = BuiltInSchemas.For("v1", "ConfigMap").Properties["metadata"],
        ["spec"] = new("object", properties: () => new Dictionary<string, TypeSchema>
        {
            ["runtime"] = new("string")
            {
                Description = "How isolated.",
                Enum = ["Common", "Private"],
                Default = "Common",
            },
            ["ranges"] = new("array", items: () => new("string")) { MaxItems = 20 },
            ["port"] = new("") { IsIntOrString = true },
            ["extra"] = new("string") { Nullable = true },
        })
        {
            Rules = [new("self == oldSelf", "immutable")],
        },
    })
    {
        Description = "A space.",
    };
}
