namespace Dynospace.Hosting.Tests;

public sealed class ClusterConnectionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kubeconfig-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Files_of_the_variable_are_merged_and_the_first_current_context_counts()
    {
        var variable = string.Join(
            Path.PathSeparator, Write("a", "one"), Path.Combine(_folder, "missing"), Write("b", "two"));

        Assert.Equal("https://one:1/", Host(new ClusterConnection { Variable = variable }));
        Assert.Equal("https://two:1/", Host(new ClusterConnection(Context: "two") { Variable = variable }));
    }

    [Fact]
    public void A_file_that_is_named_goes_before_the_variable() =>
        Assert.Equal("https://two:1/", Host(new ClusterConnection(Write("b", "two")) { Variable = Write("a", "one") }));

    [Theory]
    [InlineData("a: b: c")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("hello")]
    [InlineData("current-context: none")]
    [InlineData(
        """
        current-context: it
        contexts: [{name: it, context: {cluster: it, user: it}}]
        clusters: [{name: it, cluster: {server: 'https://127.0.0.1:1', insecure-skip-tls-verify: "true"}}]
        users: [{name: it, user: {token: none}}]
        """)]
    [InlineData(
        "apiVersion: v1\nkind: Config\ncurrent-context: a\ncontexts: [{name: a, context: {cluster: gone, user: a}}]")]
    public void What_cannot_be_used_is_named(string text)
    {
        var file = Path.Combine(_folder, "config");
        File.WriteAllText(file, text);

        var message =
            Assert.Throws<KubeconfigException>(() => new ClusterConnection(file) { Variable = null }.Read()).Message;
        Assert.StartsWith(file + ": ", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        Assert.DoesNotContain("k8s.", message, StringComparison.Ordinal);
        Assert.DoesNotContain("Object reference", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_do_not_exist_are_named()
    {
        Assert.Contains(
            "/nowhere does not exist", Failure(new ClusterConnection("/nowhere")), StringComparison.Ordinal);
        Assert.Contains(
            "$KUBECONFIG exists: /nowhere",
            Failure(new ClusterConnection { Variable = "/nowhere" }),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_context_that_does_not_exist_is_named() =>
        Assert.Contains("three", Failure(new ClusterConnection(Write("a", "one"), "three")), StringComparison.Ordinal);

    private static string Failure(ClusterConnection connection) =>
        Assert.Throws<KubeconfigException>(connection.Read).Message;

    private static string Host(ClusterConnection connection) => new Uri(connection.Read().Host).ToString();

    private string Write(string file, string name)
    {
        var path = Path.Combine(_folder, file);
        File.WriteAllText(path, $$$"""
            apiVersion: v1
            kind: Config
            current-context: {{{name}}}
            clusters: [{name: {{{name}}}, cluster: {server: "https://{{{name}}}:1"}}]
            contexts: [{name: {{{name}}}, context: {cluster: {{{name}}}, user: {{{name}}}}}]
            users: [{name: {{{name}}}, user: {token: secret}}]
            """);
        return path;
    }
}
