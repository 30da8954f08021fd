using Dynospace.Router.Tls;
using Dynospace.Runtime;

namespace Dynospace.Router.Tests.Tls;

public sealed class CertificateBookTests
{
    private const string Host = "shop.example.com";

    private static readonly ObjectKey Key = new("acme", "shop-tls");

    private static readonly ObjectKey Other = new("acme", "other-tls");

    private static readonly DateTimeOffset Now = TestCertificate.Now;

    private readonly CertificateBook _book = new();

    [Fact]
    public void A_new_certificate_takes_the_place_of_the_last()
    {
        Take(Key, TestCertificate.For(Host).Read());
        var renewed = TestCertificate.For(Host).Read();
        Take(Key, renewed);
        Assert.Same(renewed, _book.Best(Host, [Key], Now));
        Assert.Null(_book.ProblemOf(Key, [Host], Now));
    }

    [Fact]
    public void One_that_breaks_or_goes_away_leaves_the_last_good_one()
    {
        var good = TestCertificate.For(Host).Read();
        Take(Key, good);
        _book.Take(Key, new TlsSecretState(Key, null, TlsSecretProblem.Unreadable), Now);
        Assert.Same(good, _book.Best(Host, [Key], Now));
        Assert.Equal(TlsSecretProblem.Unreadable, _book.ProblemOf(Key, [Host], Now));
        _book.Take(Key, null, Now);
        Assert.Same(good, _book.Best(Host, [Key], Now));
        Assert.Equal(TlsSecretProblem.Missing, _book.ProblemOf(Key, [Host], Now));
    }

    [Fact]
    public void An_expired_one_does_not_take_the_place_of_one_that_is_valid()
    {
        var good = TestCertificate.For(Host).Read();
        Take(Key, good);
        Take(Key, Expired());
        Assert.Same(good, _book.Best(Host, [Key], Now));
        Assert.Equal(TlsSecretProblem.NotValidNow, _book.ProblemOf(Key, [Host], Now));
    }

    [Fact]
    public void An_expired_certificate_is_served_if_there_is_no_better_one_and_is_reported()
    {
        var expired = Expired();
        Take(Key, expired);
        Assert.Same(expired, _book.Best(Host, [Key], Now));
        Assert.Equal(TlsSecretProblem.NotValidNow, _book.ProblemOf(Key, [Host], Now));
    }

    [Fact]
    public void One_that_expires_by_itself_is_reported_too()
    {
        Take(Key, TestCertificate.For(Host).Read());
        Assert.Equal(TlsSecretProblem.NotValidNow, _book.ProblemOf(Key, [Host], Now.AddDays(60)));
    }

    [Fact]
    public void One_for_other_hosts_is_never_served_but_reported()
    {
        Take(Key, TestCertificate.For("other.example.com").Read());
        Assert.Null(_book.Best(Host, [Key], Now));
        Assert.Equal(TlsSecretProblem.HostMismatch, _book.ProblemOf(Key, [Host], Now));
    }

    [Fact]
    public void Valid_comes_before_expired_then_the_exact_name_before_a_wildcard()
    {
        var wildcard = TestCertificate.For("*.example.com").Read();
        var exact = TestCertificate.For(Host).Read();
        Take(Other, wildcard);
        Take(Key, exact);
        Assert.Same(exact, _book.Best(Host, [Other, Key], Now));
        Take(Key, Expired());
        _book.KeepOnly(new HashSet<ObjectKey> { Other });
        Take(Key, Expired());
        Assert.Same(wildcard, _book.Best(Host, [Key, Other], Now));
    }

    [Fact]
    public void A_Secret_that_nobody_names_is_forgotten()
    {
        Take(Key, TestCertificate.For(Host).Read());
        _book.KeepOnly(new HashSet<ObjectKey>());
        Assert.Null(_book.Find(Key));
        Assert.Null(_book.ProblemOf(Key, [Host], Now));
    }

    private static ServerCertificate Expired() =>
        TestCertificate.Create([Host], Now.AddDays(-9), Now.AddDays(-1)).Read();

    private void Take(ObjectKey key, ServerCertificate certificate) =>
        _book.Take(key, new TlsSecretState(key, certificate, null), Now);
}
