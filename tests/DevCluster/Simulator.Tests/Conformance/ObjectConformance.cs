using System.Text.Json.Nodes;

namespace DevCluster.Simulator.Tests.Conformance;

/// <summary>Create, get, update.</summary>
public abstract class ObjectConformance(IApiUnderTest api) : ApiConformance(api)
{
    [Fact]
    public async Task A_created_object_has_an_identity()
    {
        var created = await CreateConfigMapAsync("a", ""","data":{"k":"v"}""");

        Assert.Equal(201, created.Code);
        Assert.Equal("ConfigMap", created.Text("kind"));
        Assert.Equal(Namespace, created.Text("metadata", "namespace"));
        Assert.True(Guid.TryParse(created.Text("metadata", "uid"), out _));
        Assert.NotNull(created.Text("metadata", "creationTimestamp"));
        Assert.True(long.Parse(created.ResourceVersion, System.Globalization.CultureInfo.InvariantCulture) > 0);
        Assert.Equal("conformance", (string?)created.Body["metadata"]!["managedFields"]![0]!["manager"]);
        Assert.True(JsonNode.DeepEquals(created.Body, (await GetAsync($"{ConfigMaps}/a")).Body));
    }

    [Fact]
    public async Task A_name_is_generated()
    {
        var created = await PostAsync(ConfigMaps, """{"metadata":{"generateName":"x-"}}""");

        Assert.Equal(201, created.Code);
        Assert.Matches("^x-[a-z0-9]{5}$", created.Text("metadata", "name"));
    }

    [Fact]
    public async Task A_dry_run_stores_nothing()
    {
        var dry = await PostAsync($"{ConfigMaps}?dryRun=All", """{"metadata":{"name":"dry"}}""");

        Assert.Equal(201, dry.Code);
        Assert.NotNull(dry.Text("metadata", "uid"));
        Assert.Equal(404, (await GetAsync($"{ConfigMaps}/dry")).Code);
    }

    [Fact]
    public async Task What_exists_is_not_created_again()
    {
        await CreateConfigMapAsync("a");
        var again = await CreateConfigMapAsync("a");

        Assert.Equal(
            (409, "AlreadyExists", "configmaps \"a\" already exists"), (again.Code, again.Reason, again.Message));
        Assert.Equal("configmaps", again.Text("details", "kind"));
    }

    [Fact]
    public async Task An_update_from_an_old_version_conflicts()
    {
        var first = (await CreateConfigMapAsync("a")).Body;
        var changed = first.DeepClone().AsObject();
        changed["data"] = new JsonObject { ["k"] = "1" };
        Assert.Equal(200, (await PutAsync($"{ConfigMaps}/a", changed)).Code);

        var stale = await PutAsync($"{ConfigMaps}/a", changed);

        Assert.Equal((409, "Conflict"), (stale.Code, stale.Reason));
        Assert.Equal(
            "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to the latest version "
            + "and try again",
            stale.Message);
    }

    [Fact]
    public async Task An_update_without_a_version_overwrites()
    {
        await CreateConfigMapAsync("a", ""","data":{"k":"v"}""");
        var put =
            await PutAsync($"{ConfigMaps}/a", new JsonObject { ["metadata"] = new JsonObject { ["name"] = "a" } });

        Assert.Equal(200, put.Code);
        Assert.Null(put.Body["data"]);
    }

    [Fact]
    public async Task An_update_that_changes_nothing_writes_nothing()
    {
        var created = await CreateConfigMapAsync("a", ""","data":{"k":"v"}""");
        var same = await PutAsync($"{ConfigMaps}/a", created.Body);

        Assert.Equal(200, same.Code);
        Assert.Equal(created.ResourceVersion, same.ResourceVersion);
    }

    [Fact]
    public async Task A_foreign_uid_conflicts()
    {
        await CreateConfigMapAsync("a");
        var put =
            await PutAsync(
                $"{ConfigMaps}/a",
                new JsonObject { ["metadata"] = new JsonObject { ["name"] = "a", ["uid"] = "other" } });

        Assert.Equal((409, "Conflict"), (put.Code, put.Reason));
        Assert.Contains(
            "Precondition failed: UID in precondition: other, UID in object meta: ",
            put.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_is_written_only_through_its_subresource()
    {
        var path = $"/apis/policy/v1/namespaces/{Namespace}/poddisruptionbudgets";
        var created = await PostAsync(
            path,
            """{"metadata":{"name":"p"},"spec":{"maxUnavailable":1,"selector":{"matchLabels":{"a":"b"}}},"status":{"currentHealthy":7}}""");
        Assert.Equal("1", created.Text("metadata", "generation"));
        Assert.NotEqual("7", created.Text("status", "currentHealthy"));

        var status = await PatchAsync(
            $"{path}/p/status",
            """{"metadata":{"labels":{"x":"y"}},"spec":{"maxUnavailable":5},"status":{"currentHealthy":3}}""");
        Assert.Equal("3", status.Text("status", "currentHealthy"));
        Assert.Equal("1", status.Text("spec", "maxUnavailable"));
        Assert.Equal("1", status.Text("metadata", "generation"));

        var main = await PatchAsync($"{path}/p", """{"spec":{"maxUnavailable":2},"status":{"currentHealthy":9}}""");
        Assert.Equal("3", main.Text("status", "currentHealthy"));
        Assert.Equal("2", main.Text("metadata", "generation"));

        var label = await PatchAsync($"{path}/p", """{"metadata":{"labels":{"x":"z"}}}""");
        Assert.Equal("2", label.Text("metadata", "generation"));
    }

    [Fact]
    public async Task A_secrets_text_becomes_data()
    {
        var created = await PostAsync(
            $"/api/v1/namespaces/{Namespace}/secrets",
            """{"metadata":{"name":"s"},"stringData":{"k":"v"},"data":{"b":"eA=="}}""");

        Assert.Equal("dg==", created.Text("data", "k"));
        Assert.Equal("eA==", created.Text("data", "b"));
        Assert.Null(created.Body["stringData"]);
        Assert.Equal("Opaque", created.Text("type"));
    }

    [Fact]
    public async Task A_scale_is_a_view_of_the_replicas()
    {
        var path = $"/apis/apps/v1/namespaces/{Namespace}/deployments";
        var created = await PostAsync(
            path,
            """
            {"metadata":{"name":"d"},"spec":{"replicas":1,"selector":{"matchLabels":{"a":"b"}},
             "template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}
            """);
        Assert.Equal(201, created.Code);

        var patched = await PatchAsync($"{path}/d/scale", """{"spec":{"replicas":3}}""");
        Assert.Equal("Scale", patched.Text("kind"));
        Assert.Equal("autoscaling/v1", patched.Text("apiVersion"));
        Assert.Equal("3", patched.Text("spec", "replicas"));
        Assert.Equal("a=b", patched.Text("status", "selector"));
        Assert.Equal("3", (await GetAsync($"{path}/d")).Text("spec", "replicas"));
    }

    [Fact]
    public async Task A_binding_assigns_a_pod_once()
    {
        var path = $"/api/v1/namespaces/{Namespace}/pods";

        // Controllers make it where there are any; admission may insist on it.
        await PostAsync($"/api/v1/namespaces/{Namespace}/serviceaccounts", """{"metadata":{"name":"default"}}""");
        var pod = await PostAsync(
            path,
            """
            {"metadata":{"name":"p"},"spec":{"schedulerName":"nobody","automountServiceAccountToken":false,"containers":[{"name":"c","image":"i"}]}}
            """);
        Assert.Equal((201, "Pending"), (pod.Code, pod.Text("status", "phase")));

        const string Binding = """{"metadata":{"name":"p"},"target":{"kind":"Node","name":"some-node"}}""";
        Assert.Equal(201, (await PostAsync($"{path}/p/binding", Binding)).Code);
        var bound = await GetAsync($"{path}/p");
        Assert.Equal("some-node", bound.Text("spec", "nodeName"));
        Assert.Contains(
            "PodScheduled=True",
            bound.Body["status"]!["conditions"]!.AsArray().Select(item => $"{item!["type"]}={item["status"]}"));
        Assert.Equal(
            (409, "Conflict"),
            (await PostAsync($"{path}/p/binding", Binding)) is var again ? (again.Code, again.Reason) : default);
    }
}
