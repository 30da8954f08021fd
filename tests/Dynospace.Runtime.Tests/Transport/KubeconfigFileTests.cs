using System.Globalization;
using System.Runtime.Versioning;
using System.Text.Json;
using Dynospace.Runtime.Tests.Support;
using Dynospace.Runtime.Transport;
using k8s;
using k8s.Exceptions;
using Microsoft.Extensions.Time.Testing;

namespace Dynospace.Runtime.Tests.Transport;

/// <summary>The credentials that kubectl takes from a kubeconfig, as they arrive at the server.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class KubeconfigFileTests : IDisposable
{
    private const string Exec = """
        exec:
              apiVersion: client.authentication.k8s.io/v1
              interactiveMode: Never
              command: ./plugin
              args: ["two words", "$HOME"]
              env: [{name: SUFFIX, value: s3}]
        """;

    private readonly KubeconfigFolder _folder = new();

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("token: abc", "Bearer abc")]
    [InlineData("{username: ann, password: secret}", "Basic YW5uOnNlY3JldA==")]
    [InlineData("tokenFile: token", "Bearer from-file")]
    [InlineData("{tokenFile: token, token: abc}", "Bearer abc")]
    [InlineData(Exec, "Bearer two words,$HOME,s3")]
    public async Task Credentials_arrive(string user, string expected)
    {
        _folder.Write("token", "from-file\n");
        _folder.WritePlugin("printf '{\"status\":{\"token\":\"%s,%s,%s\"}}' \"$1\" \"$2\" \"$SUFFIX\"");

        await AssertHeaderAsync(Configure(user), expected);
    }

    [Fact]
    public async Task A_token_file_is_read_again_and_its_last_token_serves_while_it_is_replaced()
    {
        _folder.Write("token", "one");
        var configuration = Configure("tokenFile: token");
        await AssertHeaderAsync(configuration, "Bearer one");
        _folder.Write("token", "two");
        await AssertHeaderAsync(configuration, "Bearer one");
        _clock.Advance(TimeSpan.FromSeconds(10));
        await AssertHeaderAsync(configuration, "Bearer two");
        File.Delete(_folder.PathOf("token"));
        _clock.Advance(TimeSpan.FromSeconds(10));
        await AssertHeaderAsync(configuration, "Bearer two");
    }

    [Fact]
    public async Task A_plugin_runs_again_before_its_token_expires()
    {
        _folder.Write("count", "");
        _folder.WritePlugin("""
            printf x >> "$(dirname "$0")/count"
            printf '{"status":{"token":"%s","expirationTimestamp":"2026-03-01T12:05:00Z"}}' "$(cat "$(dirname "$0")/count")"
            """);
        var configuration = Configure(Exec);
        await AssertHeaderAsync(configuration, "Bearer x");
        _clock.Advance(TimeSpan.FromMinutes(4));
        await AssertHeaderAsync(configuration, "Bearer x");
        _clock.Advance(TimeSpan.FromSeconds(45));
        await AssertHeaderAsync(configuration, "Bearer xx");
    }

    [Theory]
    [InlineData("exit 3", "exit code 3")]
    [InlineData("echo hunter2", "did not print an ExecCredential")]
    [InlineData("echo '{}'", "without status")]
    [InlineData("echo '{\"status\":{}}'", "neither a token nor a certificate")]
    public void A_plugin_that_fails_is_named_and_its_output_is_not_shown(string script, string text)
    {
        _folder.WritePlugin(script);

        var refusal = Assert.Throws<KubeConfigException>(() => Configure(Exec));

        Assert.Contains("./plugin", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(text, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plugin_that_is_missing_says_what_to_do() =>
        Assert.Contains("install it", Assert.Throws<KubeConfigException>(() =>
            Configure(Exec)).Message, StringComparison.Ordinal);

    [Fact]
    public void Rights_that_would_be_more_than_asked_for_are_refused() => Assert.Contains(
        "acts as bob", Assert.Throws<KubeConfigException>(() =>
            Configure("{token: abc, as: bob}")).Message, StringComparison.Ordinal);

    /// <summary>Held against KubernetesClient's own reader, which <see cref="KubeconfigFile.Load"/> replaces.</summary>
    [Theory]
    [InlineData("token: abc")]
    [InlineData("{username: ann, password: \"null\"}")]
    [InlineData("{client-certificate: a.crt, client-key: a.key, client-certificate-data: YQ==, client-key-data: Yg==}")]
    [InlineData("{token: ~, as: bob}")]
    [InlineData("{auth-provider: {name: oidc, config: {issuer: https://issuer.example, id: 1}}}")]
    [InlineData("{exec: {command: ./plugin, args: [a, 'b c'], env: [], installHint: x, provideClusterInfo: yes}}")]
    [InlineData(Exec)]
    public void A_file_says_what_the_library_reads_in_it(string user)
    {
        _folder.Write("config", $$$"""
            apiVersion: v1
            kind: Config
            current-context: &here here
            clusters:
            - name: *here
              cluster:
                server: https://127.0.0.1:1
                tls-server-name: api.example
                insecure-skip-tls-verify: true
                certificate-authority: ca.crt
                certificate-authority-data: >-
                  YQ==
            - {name: other, cluster: {server: 'https://127.0.0.1:2', insecure-skip-tls-verify: false}}
            contexts: [{name: here, context: {cluster: here, user: me, namespace: acme}}, {name: bare}]
            users:
            - name: me
              user:
                {{{user}}}
            - name: nobody
            """);

        var expected = KubernetesClientConfiguration.LoadKubeConfig(new FileInfo(_folder.PathOf("config")));

        Assert.Equal(
            JsonSerializer.Serialize(expected), JsonSerializer.Serialize(KubeconfigFile.Load(_folder.PathOf("config"))));
    }

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("[]", "it is not a kubeconfig")]
    [InlineData("current-context: [it]", "current-context is not a text")]
    [InlineData("clusters: {name: it}", "clusters is not a list")]
    [InlineData("clusters: [it]", "clusters has an item that is not a map")]
    [InlineData("clusters: [{name: it, cluster: x}]", "cluster is not a map")]
    [InlineData("clusters: [{cluster: {insecure-skip-tls-verify: maybe}}]", "\"maybe\" is neither true nor false")]
    [InlineData("clusters: [{cluster: {insecure-skip-tls-verify: 'true'}}]", "\"true\" is a text")]
    [InlineData("clusters: [{cluster: {insecure-skip-tls-verify: !!str true}}]", "\"true\" is a text")]
    [InlineData("users: [{user: {exec: {args: [{a: b}]}}}]", "args has an item that is not a text")]
    public void A_member_of_the_wrong_type_is_refused_by_name(string text, string message)
    {
        _folder.Write("config", text);

        Assert.Contains(
            message,
            Assert.Throws<KubeConfigException>(() => KubeconfigFile.Load(_folder.PathOf("config"))).Message,
            StringComparison.Ordinal);
    }

    private static async Task AssertHeaderAsync(KubernetesClientConfiguration configuration, string expected)
    {
        await using var server = ScriptedApiServer.Start();
        configuration.Host = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{server.Port}");
        using var client = ApiClient.Create(configuration);
        var transport = new ApiTransport(client, new ApiTransportOptions(), TimeProvider.System);
        var listing = transport.ListAsync(Objects.ConfigMaps, new ListQuery(), TestContext.Current.CancellationToken);
        var request = await server.NextAsync();
        await request.AnswerAsync(Objects.List("1"));
        (await listing).Dispose();
        Assert.Equal(expected, request.Headers["Authorization"]);
    }

    private KubernetesClientConfiguration Configure(string user) =>
        _folder.Configure(user, "http://127.0.0.1:1", _clock);
}
