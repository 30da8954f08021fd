using System.Text;
using CsCheck;
using Dynospace.Runtime.Tests.Support;
using k8s.Models;

namespace Dynospace.Runtime.Tests;

public sealed class NamesTests
{
    [Theory]
    [InlineData("a", null, "a")]
    [InlineData("ns/a", "ns", "a")]
    [InlineData("ns/shop.web.1", "ns", "shop.web.1")]
    public void Key_is_read_and_written_alike(string text, string? @namespace, string name)
    {
        Assert.Equal(new ObjectKey(@namespace, name), ObjectKey.Parse(text));
        Assert.Equal(text, ObjectKey.Parse(text).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a/b/c")]
    public void Text_that_is_not_a_key_is_refused(string text)
    {
        Assert.False(ObjectKey.TryParse(text, out _));
        Assert.Throws<FormatException>(() => ObjectKey.Parse(text));
    }

    [Fact]
    public void Kinds_know_their_paths()
    {
        var pods = ResourceKind.For<V1Pod>();
        Assert.Equal("api/v1/pods", pods.CollectionPath(null));
        Assert.Equal("api/v1/namespaces/n/pods", pods.CollectionPath("n"));
        Assert.Equal("api/v1/namespaces/n/pods/p/status", pods.ObjectPath(new("n", "p"), "status"));
        Assert.Throws<ArgumentException>(() => pods.ObjectPath(ObjectKey.ClusterScoped("p")));
        Assert.Equal(
            "apis/networking.k8s.io/v1/namespaces/n/networkpolicies/p",
            ResourceKind.For<V1NetworkPolicy>().ObjectPath(new("n", "p")));
        Assert.Equal("networking.k8s.io/v1", ResourceKind.For<V1NetworkPolicy>().ApiVersion);
    }

    [Fact]
    public void Built_in_cluster_scoped_kinds_are_known_and_others_can_be_declared()
    {
        Assert.False(ResourceKind.For<V1Namespace>().IsNamespaced);
        Assert.False(ResourceKind.For<V1ClusterRole>().IsNamespaced);
        Assert.True(ResourceKind.For<V1Service>().IsNamespaced);
        Assert.Equal("api/v1/namespaces/n", ResourceKind.For<V1Namespace>().ObjectPath(ObjectKey.ClusterScoped("n")));
        Assert.False(ResourceKind.For<V1Service>(isNamespaced: false).IsNamespaced);
        Assert.Throws<ArgumentException>(() => ResourceKind.For<NamesTests>());
    }

    [Fact]
    public void Capped_text_never_exceeds_its_bytes_nor_splits_a_character() =>
        Gen.Select(Gen.String, Gen.Int[3, 60]).Sample((text, bytes) =>
    {
        var valid = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        var capped = Text.Cap(valid, bytes);
        Assert.True(Encoding.UTF8.GetByteCount(capped) <= bytes || capped == valid);
        Assert.True(capped == valid || (capped.EndsWith(
            "...", StringComparison.Ordinal) && valid.StartsWith(capped[..^3], StringComparison.Ordinal)));
    });

    [Theory]
    [InlineData(0, 10)]
    [InlineData(9, 10)]
    [InlineData(10, 10)]
    [InlineData(1_234_567, 1_234_560)]
    [InlineData(10_000_000, 10_000_010)]
    public void Micro_time_keeps_a_fraction(long ticks, long expected) =>
        Assert.Equal(DateTime.UnixEpoch.AddTicks(expected), MicroTime.ForApi(DateTime.UnixEpoch.AddTicks(ticks)));

    [Fact]
    public void Pool_shares_equal_texts_and_forgets_when_full()
    {
        var pool = new StringPool(capacity: 2);
        var first = pool.Get(new string('a', 3))!;
        Assert.Same(first, pool.Get(new string('a', 3)));
        pool.Get("b");
        pool.Get("c");
        Assert.NotSame(first, pool.Get(new string('a', 3)));
        Assert.Null(pool.Get(null));
    }

    [Fact]
    public void Typed_objects_become_json_without_null_members()
    {
        var json = JsonObjects.From(
            new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "n" } });
        Assert.Equal("""{"metadata":{"name":"a","namespace":"n"}}""", json.ToJsonString());
        Assert.Equal(new ObjectKey("n", "a"), JsonObjects.KeyOf(json));
        Assert.Equal("x", JsonObjects.To<V1ConfigMap>(Objects.ConfigMap("a", "1", "x")).Data["value"]);
    }
}
