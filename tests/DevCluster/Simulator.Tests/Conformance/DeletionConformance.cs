namespace DevCluster.Simulator.Tests.Conformance;

/// <summary>Delete, finalizers, propagation, collections.</summary>
public abstract class DeletionConformance(IApiUnderTest api) : ApiConformance(api)
{
    [Fact]
    public async Task A_deleted_object_is_gone()
    {
        var created = await CreateConfigMapAsync("a");
        var deleted = await DeleteAsync($"{ConfigMaps}/a");

        Assert.Equal((200, "Success"), (deleted.Code, deleted.Text("status")));
        Assert.Equal(created.Text("metadata", "uid"), deleted.Text("details", "uid"));
        Assert.Equal(404, (await GetAsync($"{ConfigMaps}/a")).Code);
        Assert.Equal(404, (await DeleteAsync($"{ConfigMaps}/a")).Code);
    }

    [Fact]
    public async Task A_finalizer_keeps_an_object_until_it_is_taken_away()
    {
        await PostAsync(ConfigMaps, """{"metadata":{"name":"a","finalizers":["x.example/f"]}}""");
        var deleted = await DeleteAsync($"{ConfigMaps}/a");
        Assert.Equal("ConfigMap", deleted.Text("kind"));
        Assert.NotNull(deleted.Text("metadata", "deletionTimestamp"));
        Assert.Equal("0", deleted.Text("metadata", "deletionGracePeriodSeconds"));

        var again = await DeleteAsync($"{ConfigMaps}/a");
        Assert.Equal(deleted.ResourceVersion, again.ResourceVersion);

        var added =
            await PatchAsync($"{ConfigMaps}/a", """{"metadata":{"finalizers":["x.example/f","x.example/g"]}}""");
        Assert.Equal((422, "Invalid"), (added.Code, added.Reason));
        Assert.Contains(
            "no new finalizers can be added if the object is being deleted", added.Message, StringComparison.Ordinal);

        Assert.Equal(200, (await PatchAsync($"{ConfigMaps}/a", """{"metadata":{"finalizers":null}}""")).Code);
        Assert.Equal(404, (await GetAsync($"{ConfigMaps}/a")).Code);
    }

    [Theory]
    [InlineData("Foreground", "foregroundDeletion")]
    [InlineData("Orphan", "orphan")]
    public async Task Propagation_leaves_its_finalizer_to_the_garbage_collector(string policy, string finalizer)
    {
        await CreateConfigMapAsync("a");
        var deleted = await DeleteAsync($"{ConfigMaps}/a", $$"""{"propagationPolicy":"{{policy}}"}""");

        Assert.Equal([finalizer], deleted.Body["metadata"]!["finalizers"]!.AsArray().Select(item => (string)item!));
    }

    [Fact]
    public async Task Preconditions_are_kept()
    {
        await CreateConfigMapAsync("a");
        var uid = await DeleteAsync($"{ConfigMaps}/a", """{"preconditions":{"uid":"other"}}""");
        Assert.Equal((409, "Conflict"), (uid.Code, uid.Reason));
        Assert.StartsWith(
            "Operation cannot be fulfilled on ConfigMap \"a\": the UID in the precondition (other) does not match the "
            + "UID in record (",
            uid.Message,
            StringComparison.Ordinal);

        var version = await DeleteAsync($"{ConfigMaps}/a", """{"preconditions":{"resourceVersion":"1"}}""");
        Assert.Equal((409, "Conflict"), (version.Code, version.Reason));
        Assert.Contains(
            "the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (",
            version.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_deletes_nothing()
    {
        await CreateConfigMapAsync("a");
        Assert.Equal(200, (await DeleteAsync($"{ConfigMaps}/a?dryRun=All")).Code);
        Assert.Equal(200, (await GetAsync($"{ConfigMaps}/a")).Code);
    }

    [Fact]
    public async Task A_collection_is_deleted_by_selector()
    {
        await PostAsync(ConfigMaps, """{"metadata":{"name":"a","labels":{"x":"1"}}}""");
        await PostAsync(ConfigMaps, """{"metadata":{"name":"b","labels":{"x":"2"}}}""");
        var deleted = await DeleteAsync($"{ConfigMaps}?labelSelector=x%3D1");

        Assert.Equal("ConfigMapList", deleted.Text("kind"));
        Assert.Equal(404, (await GetAsync($"{ConfigMaps}/a")).Code);
        Assert.Equal(200, (await GetAsync($"{ConfigMaps}/b")).Code);
    }

    [Fact]
    public async Task A_namespace_terminates_before_it_goes()
    {
        var deleted = await DeleteAsync($"/api/v1/namespaces/{Namespace}");

        Assert.Equal("Namespace", deleted.Text("kind"));
        Assert.Equal("Terminating", deleted.Text("status", "phase"));
        Assert.Equal("kubernetes", (string?)deleted.Body["spec"]!["finalizers"]![0]);
        var created = await CreateConfigMapAsync("late");
        Assert.Equal((403, "Forbidden"), (created.Code, created.Reason));
        Assert.Contains("because it is being terminated", created.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "?propagationPolicy=Bad",
        "DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Unsupported value: \"Bad\": supported values: "
        + "\"Foreground\", \"Background\", \"Orphan\", \"nil\"")]
    [InlineData(
        "?dryRun=Bad",
        "DeleteOptions.meta.k8s.io \"\" is invalid: dryRun: Unsupported value: [\"Bad\"]: supported values: \"All\"")]
    public async Task Wrong_options_are_named(string query, string message)
    {
        await CreateConfigMapAsync("a");
        var deleted = await DeleteAsync($"{ConfigMaps}/a{query}");

        Assert.Equal((422, message), (deleted.Code, deleted.Message));
    }
}
