using System.Text.Json;
using Dynospace.Controllers.Caching;
using Xunit;

namespace Dynospace.Controllers.Tests.Caching;

public sealed class SecretStateTests
{
    [Fact]
    public void The_hash_is_the_same_whatever_the_order_of_the_keys() =>
        Assert.Equal(Hash("""{"A":"MQ==","B":"Mg=="}"""), Hash("""{"B":"Mg==","A":"MQ=="}"""));

    [Theory]
    [InlineData("""{"A":"MQ=="}""", """{"A":"Mg=="}""")]
    [InlineData("""{"A":"MQ=="}""", """{"B":"MQ=="}""")]
    [InlineData("""{"A":"MQ=="}""", """{"A":"MQ==","B":""}""")]
    [InlineData("""{"AB":"C"}""", """{"A":"BC"}""")]
    public void Other_data_has_another_hash(string one, string other) => Assert.NotEqual(Hash(one), Hash(other));

    [Fact]
    public void A_secret_without_data_has_a_hash() => Assert.Equal(Hash("null"), Hash("{}"));

    [Fact]
    public void No_value_can_be_found_in_what_is_kept() =>
        Assert.DoesNotContain("c2VjcmV0", Decode("""{"PASSWORD":"c2VjcmV0"}""").ToString(), StringComparison.Ordinal);

    [Theory]
    [InlineData("kubernetes.io/service-account-token", true)]
    [InlineData("Opaque", false)]
    [InlineData("kubernetes.io/dockerconfigjson", false)]
    public void A_token_of_a_service_account_is_known_as_one(string type, bool isToken)
    {
        using var document = JsonDocument.Parse(
            $$"""{"metadata":{"name":"s","namespace":"acme"},"type":"{{type}}","data":{"token":"eA=="} }""");

        Assert.Equal(isToken, SecretState.Decode(document.RootElement).Digest.IsToken);
    }

    private static string Hash(string data) => Decode(data).Digest.Hash;

    private static SecretState Decode(string data)
    {
        using var document = JsonDocument.Parse(
            $$"""{"metadata":{"name":"shop-secrets","namespace":"acme"},"data":{{data}}}""");
        return SecretState.Decode(document.RootElement);
    }
}
