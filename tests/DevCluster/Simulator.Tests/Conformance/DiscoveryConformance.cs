namespace DevCluster.Simulator.Tests.Conformance;

/// <summary>Discovery, OpenAPI, health.</summary>
public abstract class DiscoveryConformance(IApiUnderTest api) : ApiConformance(api)
{
    [Fact]
    public async Task Groups_name_their_versions()
    {
        Assert.Equal("v1", (string?)(await GetAsync("/api")).Body["versions"]![0]);
        var groups = await GetAsync("/apis");

        Assert.Equal("APIGroupList", groups.Text("kind"));
        var apps = groups.Body["groups"]!.AsArray().Single(group => (string?)group!["name"] == "apps");
        Assert.Equal("apps/v1", (string?)apps!["preferredVersion"]!["groupVersion"]);
        Assert.Equal("APIGroup", (await GetAsync("/apis/apps")).Text("kind"));
    }

    [Fact]
    public async Task Resources_say_what_can_be_done_with_them()
    {
        var list = await GetAsync("/api/v1");
        var resources = list.Body["resources"]!.AsArray()
            .ToDictionary(resource => (string)resource!["name"]!, resource => resource!.AsObject());

        Assert.Equal("APIResourceList", list.Text("kind"));
        Assert.Equal(
            ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
            resources["pods"]["verbs"]!.AsArray().Select(verb => (string)verb!));
        Assert.Equal("po", (string?)resources["pods"]["shortNames"]![0]);
        Assert.Equal("Eviction", (string?)resources["pods/eviction"]["kind"]);
        Assert.Equal("policy", (string?)resources["pods/eviction"]["group"]);
        Assert.DoesNotContain(
            "deletecollection", resources["namespaces"]["verbs"]!.AsArray().Select(verb => (string)verb!));
    }

    [Theory]
    [InlineData("/api", "pods")]
    [InlineData("/apis", "deployments")]
    public async Task Discovery_can_be_had_at_once(string path, string resource)
    {
        var list =
            await GetAsync(
                path, "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json");

        Assert.Equal(("APIGroupDiscoveryList", "apidiscovery.k8s.io/v2"), (list.Text("kind"), list.Text("apiVersion")));
        var found = list.Body["items"]!.AsArray()
            .SelectMany(group => group!["versions"]!.AsArray())
            .SelectMany(version => version!["resources"]!.AsArray())
            .Single(item => (string?)item!["resource"] == resource);
        Assert.Equal("Namespaced", (string?)found!["scope"]);
        Assert.Contains("status", found["subresources"]!.AsArray().Select(sub => (string?)sub!["subresource"]));
    }

    [Fact]
    public async Task Openapi_describes_what_is_served()
    {
        var index = await GetAsync("/openapi/v3");
        var url = (string?)index.Body["paths"]!["apis/apps/v1"]!["serverRelativeURL"];
        Assert.StartsWith("/openapi/v3/apis/apps/v1?hash=", url, StringComparison.Ordinal);

        var document = await GetAsync(url!);
        Assert.NotNull(document.Body["components"]!["schemas"]!["io.k8s.api.apps.v1.Deployment"]);
        Assert.NotNull(document.Body["paths"]!["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]);
        Assert.Equal("2.0", (await GetAsync("/openapi/v2")).Text("swagger"));
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/livez")]
    [InlineData("/readyz")]
    public async Task Health_is_ok(string path) => Assert.Equal("ok", (await GetAsync(path)).Text("text"));

    [Fact]
    public async Task The_version_is_one_of_kubernetes()
    {
        var version = await GetAsync("/version");

        Assert.Equal("1", version.Text("major"));
        Assert.StartsWith($"v1.{version.Text("minor")}.", version.Text("gitVersion"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_are_the_same_objects_in_both_groups()
    {
        var created = await PostAsync(
            $"/apis/events.k8s.io/v1/namespaces/{Namespace}/events",
            $$"""
            {"metadata":{"name":"e"},"eventTime":"2026-01-01T00:00:00.000001Z","reportingController":"c/x","reportingInstance":"i","action":"a",
             "reason":"R","type":"Normal","note":"n","regarding":{"kind":"ConfigMap","namespace":"{{Namespace}}","name":"x","apiVersion":"v1"} }
            """);
        Assert.Equal(201, created.Code);

        var core = await GetAsync($"/api/v1/namespaces/{Namespace}/events/e");
        Assert.Equal(
            ("n", "x", "c/x"),
            (core.Text("message"), core.Text("involvedObject", "name"), core.Text("reportingComponent")));
        var selected =
            await GetAsync($"/api/v1/namespaces/{Namespace}/events?fieldSelector=involvedObject.name%3Dx,reason%3DR");
        Assert.Single(selected.Body["items"]!.AsArray());
        Assert.Equal("n", (await GetAsync($"/apis/events.k8s.io/v1/namespaces/{Namespace}/events/e")).Text("note"));
    }
}
